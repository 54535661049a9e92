---@brief
---
--- lsp_debugger explains diagnostics with a card at once and with a model on your own machine if you have one.
--- Install: `pipx install 'lsp-debugger[demo]'`.

---@type vim.lsp.Config
return {
  cmd = { 'lsp-debugger' },
  filetypes = { 'python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'rust', 'go', 'c', 'cpp', 'java' },
  root_markers = { 'pyproject.toml', 'package.json', 'Cargo.toml', 'go.mod', '.git' },
}
