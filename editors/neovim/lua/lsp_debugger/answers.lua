-- Answers in a floating window, as they grow. Opened by a question of yours and by nothing else; never takes the cursor.
local M = {}

---@type table<string, { bufnr: integer, seq: integer, done: boolean }>
local answers = {}
local window
M.last = nil ---@type string? id of the newest answer

local function open(bufnr)
  local width = math.min(vim.o.columns - 4, 100)
  local height = math.max(math.min(math.floor(vim.o.lines * 0.4), 24), 5)
  local shape = {
    relative = 'editor', anchor = 'SE', row = vim.o.lines - 2, col = vim.o.columns - 1, width = width, height = height,
    border = 'rounded', style = 'minimal', title = ' lsp_debugger ', focusable = true,
  }
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_set_buf(window, bufnr)
  else
    window = vim.api.nvim_open_win(bufnr, false, shape)
  end
  vim.wo[window].wrap = true
  vim.wo[window].linebreak = true
  vim.wo[window].conceallevel = 2
end

local function new(id)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(bufnr, ('lspdbg://%s.md'):format(id))
  vim.bo[bufnr].filetype = 'markdown'
  -- Hides the addresses behind links; Neovim 0.10 does not start it for Markdown by itself.
  pcall(vim.treesitter.start, bufnr, 'markdown')
  vim.bo[bufnr].modifiable = false
  vim.keymap.set('n', 'q', M.close, { buffer = bufnr, desc = 'close the answer' })
  answers[id] = { bufnr = bufnr, seq = -1, done = false }
  M.last = id
  open(bufnr)
  return answers[id]
end

local function append(bufnr, text)
  local row = vim.api.nvim_buf_line_count(bufnr) - 1
  local column = #vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_text(bufnr, row, column, row, column, vim.split(text, '\n'))
  vim.bo[bufnr].modifiable = false
end

--- Handler of `lspDebugger/answerDelta`.
function M.on_delta(_, params)
  local answer = answers[params.id] or new(params.id)
  if params.seq <= answer.seq or not vim.api.nvim_buf_is_valid(answer.bufnr) then
    return
  end
  answer.seq, answer.done = params.seq, params.done == true
  append(answer.bufnr, params.text)
end

--- The buffer, and whether it is finished, of an answer; the newest without an id.
function M.get(id)
  return answers[id or M.last]
end

--- Show an answer again. False when it is none of this session's.
function M.show(id)
  local answer = answers[id]
  if answer and vim.api.nvim_buf_is_valid(answer.bufnr) then
    open(answer.bufnr)
    return true
  end
  return false
end

--- Put the cursor into the window, to scroll and to copy; `q` closes it.
function M.enter()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_set_current_win(window)
  end
end

function M.close()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

return M
