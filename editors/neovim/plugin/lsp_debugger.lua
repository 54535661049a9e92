-- Neovim shows a language server only its own findings. This passes those of every other producer on, linters without
-- a server included, whenever they change.
if vim.g.loaded_lsp_debugger then
  return
end
vim.g.loaded_lsp_debugger = true

local function to_lsp(diagnostic)
  -- A server's own object keeps what Neovim's drops: related information, codes as numbers, data.
  local original = vim.tbl_get(diagnostic, 'user_data', 'lsp')
  if original and original.range then
    return original
  end
  return {
    range = {
      start = { line = diagnostic.lnum, character = diagnostic.col },
      ['end'] = { line = diagnostic.end_lnum or diagnostic.lnum, character = diagnostic.end_col or diagnostic.col },
    },
    message = diagnostic.message,
    severity = diagnostic.severity,
    source = diagnostic.source,
    code = diagnostic.code,
  }
end

local function notify(client, method, params)
  if vim.fn.has('nvim-0.11') == 1 then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

local function push(bufnr)
  local get_clients = vim.lsp.get_clients or vim.lsp.get_active_clients
  for _, client in ipairs(get_clients({ name = 'lsp_debugger', bufnr = bufnr })) do
    local own = vim.lsp.diagnostic.get_namespace(client.id)
    local found = {}
    for _, diagnostic in ipairs(vim.diagnostic.get(bufnr)) do
      if diagnostic.namespace ~= own then
        found[#found + 1] = to_lsp(diagnostic)
      end
    end
    notify(client, 'lspDebugger/foreignDiagnostics', {
      uri = vim.uri_from_bufnr(bufnr),
      version = vim.lsp.util.buf_versions[bufnr],
      diagnostics = found,
      complete = true,
    })
  end
end

local group = vim.api.nvim_create_augroup('lsp_debugger', {})
vim.api.nvim_create_autocmd({ 'DiagnosticChanged', 'LspAttach' }, {
  group = group,
  callback = function(event)
    if vim.api.nvim_buf_is_loaded(event.buf) then
      push(event.buf)
    end
  end,
})
