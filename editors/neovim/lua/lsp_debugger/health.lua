-- `:checkhealth lsp_debugger`
local M = {}

local function last_line(text)
  local lines = vim.split(vim.trim(text), '\n')
  return lines[#lines]
end

function M.check()
  local health = vim.health
  health.start('lsp_debugger')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim has vim.lsp.enable')
  elseif vim.fn.has('nvim-0.10') == 1 then
    health.ok("Neovim 0.10: start it from a FileType autocommand, see :help lsp_debugger-0.10")
  else
    health.error('Neovim is older than 0.10')
  end
  if vim.fn.executable('lsp-debugger') == 0 then
    health.error('lsp-debugger is not on PATH', { require('lsp_debugger.installing') })
    return
  end
  health.ok(last_line(vim.fn.system({ 'lsp-debugger', 'version' })))
  local clients = require('lsp_debugger').clients()
  if #clients == 0 then
    health.warn('no running client has our commands', { "vim.lsp.enable('lsp_debugger') and open a file" })
  end
  for _, client in ipairs(clients) do
    health.ok(('client %s counts in %s'):format(client.name, client.offset_encoding))
  end
  health.start('lsp-debugger doctor')
  for _, line in ipairs(vim.split(vim.trim(vim.fn.system({ 'lsp-debugger', 'doctor' })), '\n')) do
    health.info(line)
  end
end

return M
