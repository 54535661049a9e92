-- A model's fix in a real Neovim: of what a real tool found, checked, applied, undone.
-- Writes what was seen to $WALK_RESULTS as one JSON object.
local case = vim.json.decode(os.getenv('WALK_CASE'))
local seen = { questions = {}, ends = {}, neovim = tostring(vim.version()) }
local finish, step = dofile(vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2))) .. '/neovim_steps.lua')(seen)

vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    local params = event.data.params or event.data.result
    if params.value.kind == 'end' then
      seen.ends[#seen.ends + 1] = params.value.message
    end
  end,
})
vim.lsp.handlers['window/showMessage'] = function(_, params)
  seen.said = params.message
end

vim.o.swapfile = false
vim.opt.runtimepath:append(os.getenv('WALK_PACKAGES') .. '/neovim')
vim.cmd('runtime plugin/lsp_debugger.lua')
vim.cmd.edit(vim.fn.fnameescape(case.file))
local bufnr = vim.api.nvim_get_current_buf()
vim.bo.filetype = case.filetype
local ours = require('lsp_debugger')
ours.start(bufnr)
if case.server then
  vim.lsp.start({ name = 'other', cmd = case.server, root_dir = case.root }, { bufnr = bufnr })
else -- as plugins for linters and test runners publish what theirs found
  vim.diagnostic.set(vim.api.nvim_create_namespace('runner'), bufnr, case.findings)
end
step('a client with our commands', function()
  return #ours.clients(bufnr) > 0
end)
step('the finding', function()
  for _, each in ipairs(vim.diagnostic.get(bufnr)) do
    if each.source == case.source and (not case.code or tostring(each.code) == case.code) then
      seen.finding = each.message
      vim.api.nvim_win_set_cursor(0, { each.lnum + 1, each.col })
      return true
    end
  end
end, 60000)

-- What the user presses: the fix in the menu, and yes where it asks.
local wanted
vim.ui.select = function(items, options, take)
  for index, item in ipairs(items) do
    local action = type(item) == 'table' and (item.action or item[2]) or item
    local label = type(action) == 'table' and action.title or item.title or tostring(item)
    seen.menu = seen.menu or {}
    seen.menu[#seen.menu + 1] = label
    if options.kind == 'codeaction' and wanted and label:find(wanted) or label == 'Apply' then
      if options.kind == 'codeaction' then
        wanted = nil
      else
        seen.questions[#seen.questions + 1] = options.prompt
      end
      return take(item, index)
    end
  end
  take(nil)
end
step('the fix in the menu', function()
  wanted = '^Fix with the model: '
  vim.lsp.buf.code_action()
  vim.wait(1000, function()
    return wanted == nil
  end)
  return wanted == nil
end)

local edited = vim.fn.bufadd(case.edited)
vim.fn.bufload(edited)
local function text()
  return table.concat(vim.api.nvim_buf_get_lines(edited, 0, -1, false), '\n') .. '\n'
end
local before = text()
step('its edit, once it was checked', function()
  return text() ~= before or seen.said ~= nil
end, 90000)
seen.fixed = text()
step('the end of the progress', function()
  return #seen.ends > 0
end)
vim.api.nvim_set_current_buf(edited)
vim.cmd('silent undo')
seen.undone = text()
finish()
