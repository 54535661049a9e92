if vim.g.loaded_lsp_debugger then
  return
end
vim.g.loaded_lsp_debugger = true

vim.lsp.handlers['lspDebugger/answerDelta'] = function(...)
  require('lsp_debugger.answers').on_delta(...)
end

vim.api.nvim_create_user_command('LspDebugger', function(args)
  require('lsp_debugger.commands').run(args)
end, {
  nargs = 1,
  desc = 'Explain what is reported here, stop, see the last answer, …',
  complete = function(lead)
    return require('lsp_debugger.commands').complete(lead)
  end,
})

vim.api.nvim_create_autocmd({ 'DiagnosticChanged', 'LspAttach' }, {
  group = vim.api.nvim_create_augroup('lsp_debugger', {}),
  callback = function(event)
    if vim.api.nvim_buf_is_loaded(event.buf) then
      require('lsp_debugger.foreign').push(event.buf)
    end
  end,
})
