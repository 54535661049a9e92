---@brief
---
--- lsp_debugger explains diagnostics: with a card at once, and with a model on your own machine if you have one.
---
--- Install: `pipx install 'lsp-debugger[demo,languages]'`. Then `vim.lsp.enable('lsp_debugger')`, on Neovim 0.11 or
--- newer; `:help lsp_debugger` says how on 0.10, and how to have one server for all of a language (`wrap`).

---@type vim.lsp.Config
return require('lsp_debugger').config()
