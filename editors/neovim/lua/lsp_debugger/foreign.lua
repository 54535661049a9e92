-- Neovim shows a language server only its own findings. This passes those of every other producer on, linters without
-- a server included, whenever they change.
local ours = require('lsp_debugger')

local M = {}

local function to_lsp(bufnr, diagnostic, encoding)
  -- A server's own object keeps what Neovim's drops: related information, codes as numbers, data. Its columns count as
  -- its server does, which need not be how ours does.
  local original = vim.tbl_get(diagnostic, 'user_data', 'lsp')
  local end_row, end_column = diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col
  local range = {
    start = ours.position(bufnr, diagnostic.lnum, diagnostic.col, encoding),
    ['end'] = ours.position(bufnr, end_row, end_column, encoding),
  }
  if original and original.range then
    return vim.tbl_extend('force', original, { range = range })
  end
  return {
    range = range,
    message = diagnostic.message,
    severity = diagnostic.severity,
    source = diagnostic.source,
    code = diagnostic.code,
  }
end

local function is_own(client, namespace)
  local name = vim.tbl_get(vim.diagnostic.get_namespaces(), namespace, 'name') or ''
  -- Published and pulled findings have namespaces of their own: `vim.lsp.NAME.ID`, `nvim.lsp.NAME.ID.…`.
  return name:find(('lsp.%s.%d'):format(client.name, client.id), 1, true) ~= nil
end

--- Tell every client of ours what others have found in this buffer.
function M.push(bufnr)
  for _, client in ipairs(ours.clients(bufnr)) do
    local found = {}
    for _, diagnostic in ipairs(vim.diagnostic.get(bufnr)) do
      if not is_own(client, diagnostic.namespace) then
        found[#found + 1] = to_lsp(bufnr, diagnostic, client.offset_encoding)
      end
    end
    ours.call(client, 'notify', 'lspDebugger/foreignDiagnostics', {
      uri = vim.uri_from_bufnr(bufnr),
      version = vim.lsp.util.buf_versions[bufnr],
      diagnostics = found,
      complete = true,
    })
  end
end

return M
