---@brief
---
--- lsp_debugger explains diagnostics: with a card at once, and with a model on your own machine if you have one.
---
--- `vim.lsp.enable('lsp_debugger')`, on Neovim 0.11 or newer; `:help lsp_debugger` says how to install the server, how to
--- start it on 0.10, and how to have one server for all of a language (`wrap`).

---@type vim.lsp.Config
return require('lsp_debugger').config()
