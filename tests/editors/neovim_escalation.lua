-- Asking a service of somebody else from a real Neovim: previewed, agreed to, sent, and its patch applied and undone.
-- Writes what was seen to $WALK_RESULTS as one JSON object.
local seen = { questions = {}, previews = {}, neovim = tostring(vim.version()) }
local finish, step = dofile(vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2))) .. '/neovim_steps.lua')(seen)

vim.o.swapfile = false
vim.opt.runtimepath:append(os.getenv('WALK_PACKAGES') .. '/neovim')
vim.cmd('runtime plugin/lsp_debugger.lua')
vim.cmd.edit(vim.fn.fnameescape(os.getenv('WALK_FILE')))
local bufnr = vim.api.nvim_get_current_buf()
vim.bo.filetype = 'python'
local ours = require('lsp_debugger')
ours.start(bufnr)
vim.lsp.start({ name = 'ruff', cmd = { 'ruff', 'server' }, root_dir = vim.fs.dirname(os.getenv('WALK_FILE')) }, { bufnr = bufnr })
step('a client with our commands', function()
  return #ours.clients(bufnr) > 0
end)

local row
step('the finding of another server', function()
  for _, each in ipairs(vim.diagnostic.get(bufnr)) do
    if each.source == 'Ruff' and each.code == 'F821' then
      row = each.lnum
      vim.api.nvim_win_set_cursor(0, { each.lnum + 1, each.col })
      return true
    end
  end
end)

local function buffer_text(which)
  return table.concat(vim.api.nvim_buf_get_lines(which, 0, -1, false), '\n')
end

--- What the user presses: the menu's entry that is wanted, and the buttons of a question in their order.
local wanted, buttons
local shown_before = {}
vim.ui.select = function(items, options, take)
  local labels = {}
  for index, item in ipairs(items) do
    local action = type(item) == 'table' and (item.action or item[2]) or item
    labels[index] = type(action) == 'table' and action.title or item.title or tostring(item)
  end
  if options.kind == 'codeaction' then
    for index, label in ipairs(labels) do
      if label:find(wanted) then
        wanted = nil
        return take(items[index], index)
      end
    end
    return take(nil)
  end
  seen.questions[#seen.questions + 1] = options.prompt
  seen.buttons = labels
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local shown = vim.api.nvim_win_get_buf(window)
    local name = vim.api.nvim_buf_get_name(shown)
    if name:find('%.json$') and not shown_before[name] then
      shown_before[name] = true
      seen.previews[#seen.previews + 1] = buffer_text(shown)
    end
  end
  local pressed = table.remove(buttons, 1)
  for index, label in ipairs(labels) do
    if label == pressed then
      return take(items[index], index)
    end
  end
  take(nil)
end

local function choose(title, ...)
  buttons = { ... }
  vim.api.nvim_set_current_win(vim.fn.bufwinid(bufnr) ~= -1 and vim.fn.bufwinid(bufnr) or 0)
  if vim.api.nvim_get_current_buf() ~= bufnr then
    vim.api.nvim_set_current_buf(bufnr)
  end
  vim.api.nvim_win_set_cursor(0, { row + 1, 0 })
  step(title, function()
    wanted = title
    vim.lsp.buf.code_action()
    vim.wait(1000, function()
      return wanted == nil
    end)
    return wanted == nil
  end)
end

local answers = require('lsp_debugger.answers')
choose('^Explain: ')
step('an answer from here', function()
  return answers.get() and answers.get().done
end)
local first = answers.last
seen.local_answer = buffer_text(answers.get().bufnr)
choose('^Ask corp, which is not on this machine', 'Preview', 'Send once')
step('an answer from there', function()
  return answers.last ~= first and answers.get().done
end)
seen.answer = buffer_text(answers.get().bufnr)
seen.first_questions, seen.questions = seen.questions, {}
answers.close()

local before = buffer_text(bufnr)
choose('^Fix with corp', 'Preview', 'Send once')
step('its patch, restored and checked', function()
  return buffer_text(bufnr) ~= before
end, 60000)
seen.fixed = buffer_text(bufnr) .. '\n'
if vim.api.nvim_get_current_buf() ~= bufnr then
  vim.api.nvim_set_current_buf(bufnr)
end
vim.cmd('silent undo')
seen.undone = buffer_text(bufnr) .. '\n'
finish()
