;;; lsp-debugger.el --- Explain diagnostics on your own machine, with Eglot  -*- lexical-binding: t; -*-

;; Author: The lsp_debugger developers
;; Version: 0.1.0
;; Package-Requires: ((emacs "30.1"))
;; Keywords: languages, tools
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Eglot runs one server a buffer, so ours stands in for the one that you have and adds to it:
;;
;;   (require 'lsp-debugger)
;;   (add-to-list 'eglot-server-programs
;;                `((python-mode python-ts-mode)
;;                  . ,(lsp-debugger-wrap "basedpyright-langserver" "--stdio")))
;;
;; Several commands become one server; `lsp-debugger-wrap' takes them with "--" between.  Without a server of its own,
;; a language gets ours alone with `(lsp-debugger-alone)'.
;;
;; Cards show in Eldoc; `eglot-code-actions' has the certain fix, if there is one, and Explain.  The answer grows in
;; the buffer *lsp-debugger*, where TAB goes to the next place that it names, RET visits it, `c' stops the answer and
;; `q' hides it.  No defaults and no logic live here.

;;; Code:

(require 'eglot)
(require 'url-util)

(defgroup lsp-debugger nil
  "Explain diagnostics on your own machine."
  :group 'tools
  :prefix "lsp-debugger-")

(defcustom lsp-debugger-program "lsp-debugger"
  "The server's program."
  :type 'string)

(defconst lsp-debugger-buffer-name "*lsp-debugger*"
  "Name of the buffer that answers are shown in.")

(defclass lsp-debugger-server (eglot-lsp-server) ()
  :documentation "A server of ours, alone or in front of another one.")

;;;###autoload
(defun lsp-debugger-alone ()
  "Return what `eglot-server-programs' wants for our server alone."
  (list 'lsp-debugger-server lsp-debugger-program))

;;;###autoload
(defun lsp-debugger-wrap (&rest command)
  "Return what `eglot-server-programs' wants for COMMAND with our server beside it.
COMMAND is a language server's program and its arguments; \"--\" separates several."
  `(lsp-debugger-server ,lsp-debugger-program "wrap" "--" ,@command))

(cl-defmethod eglot-client-capabilities :around ((_server lsp-debugger-server))
  "Say that answers may be sent as they grow."
  (plist-put (cl-call-next-method) :experimental '(:lspDebugger (:answerDelta t))))

;;;; Answers

(defvar-local lsp-debugger--id nil "The id of the answer in this buffer.")
(defvar-local lsp-debugger--seq -1 "The number of the last piece of the answer.")
(defvar-local lsp-debugger--done nil "Whether the answer in this buffer is finished.")
(defvar-local lsp-debugger--server nil "The server that writes the answer.")

(defvar-local lsp-debugger--dressed 1 "Where the first line begins that may still grow.")
(defvar-local lsp-debugger--in-fence nil "Whether that line is in a block of code.")

(defvar-keymap lsp-debugger-answer-mode-map
  :parent (make-composed-keymap button-buffer-map special-mode-map)
  "c" #'lsp-debugger-cancel)

(define-derived-mode lsp-debugger-answer-mode special-mode "Answer"
  "Mode of the buffer that an answer grows in."
  (add-to-invisibility-spec 'lsp-debugger)
  (visual-line-mode))

(cl-defmethod eglot-handle-notification
  ((server lsp-debugger-server) (_method (eql lspDebugger/answerDelta)) &key id seq text done &allow-other-keys)
  "Append TEXT, piece SEQ of answer ID of SERVER; DONE says that it was the last."
  (with-current-buffer (get-buffer-create lsp-debugger-buffer-name)
    (unless (equal id lsp-debugger--id)
      (lsp-debugger-answer-mode)
      (let ((inhibit-read-only t))
        (erase-buffer))
      (setq lsp-debugger--id id
            lsp-debugger--server server
            default-directory (project-root (eglot--project server)))
      (display-buffer (current-buffer)))
    (when (> seq lsp-debugger--seq)
      (setq lsp-debugger--seq seq
            lsp-debugger--done (eq done t))
      (let ((inhibit-read-only t))
        (save-excursion
          (goto-char (point-max))
          (insert text)
          (lsp-debugger--dress))))))

;;;; How answers look: their Markdown, with the places that they name as buttons

(defconst lsp-debugger--inline
  (concat "\\(?1:`+\\)\\(?2:[^`\n]\\(?:.*?[^`\n]\\)?\\)\\1"
          "\\|\\[\\(?3:\\(?:\\\\.\\|[^]\\\n]\\)+\\)\\](\\(?4:\\(?:file\\|https?\\):[^) \n]+\\))"
          "\\|\\*\\*\\(?5:.+?\\)\\*\\*"
          "\\|\\(?6:\\\\\\)[[:punct:]]")
  "Code, a link, strong words, and what keeps a character from meaning anything.")

(define-button-type 'lsp-debugger-place
  'action #'lsp-debugger--visit
  'follow-link t
  'help-echo "mouse-1, RET: visit this place")

(defun lsp-debugger--dress ()
  "Give the lines that are new or have grown their looks."
  (goto-char lsp-debugger--dressed)
  (while (not (eobp))
    (set-text-properties (point) (line-end-position) nil)
    (let ((is-fence (looking-at-p "[ >]*\\(?:```\\|~~~\\)")))
      (if (or is-fence lsp-debugger--in-fence)
          (put-text-property (point) (line-end-position) 'font-lock-face 'font-lock-string-face)
        (lsp-debugger--dress-line (line-end-position)))
      (forward-line)
      (when (bolp)
        (setq lsp-debugger--dressed (point)
              lsp-debugger--in-fence (xor is-fence lsp-debugger--in-fence))))))

(defun lsp-debugger--dress-line (end)
  "Give the line from point to END its looks."
  (save-excursion
    (when (looking-at "#+ ")
      (lsp-debugger--hide (point) (match-end 0))
      (put-text-property (point) end 'font-lock-face 'bold))
    (while (re-search-forward lsp-debugger--inline end t)
      (cond
       ((match-beginning 2) (lsp-debugger--show 2 'font-lock-constant-face))
       ((match-beginning 3)
        (let ((from (match-beginning 3)) (to (match-end 3)) (after (match-end 0)) (address (match-string-no-properties 4)))
          (lsp-debugger--show 3 nil)
          (make-text-button from to 'type 'lsp-debugger-place 'lsp-debugger-address address)
          (goto-char from)
          (while (re-search-forward "\\(\\\\\\)[[:punct:]]" to t)
            (lsp-debugger--hide (match-beginning 1) (match-end 1)))
          (goto-char after)))
       ((match-beginning 5)
        (lsp-debugger--show 5 'bold)
        (goto-char (match-beginning 5)))
       (t (lsp-debugger--hide (match-beginning 6) (match-end 6)))))))

(defun lsp-debugger--show (group face)
  "Of what was just found leave only GROUP to be seen, in FACE."
  (lsp-debugger--hide (match-beginning 0) (match-beginning group))
  (lsp-debugger--hide (match-end group) (match-end 0))
  (when face
    (put-text-property (match-beginning group) (match-end group) 'font-lock-face face)))

(defun lsp-debugger--hide (from to)
  "Show nothing of what stands between FROM and TO."
  (put-text-property from to 'invisible 'lsp-debugger))

(defun lsp-debugger--visit (button)
  "Go to the place that BUTTON names."
  (let ((address (button-get button 'lsp-debugger-address)))
    (if (not (string-match "\\`file://\\([^#]*\\)\\(?:#L\\([0-9]+\\)\\)?" address))
        (browse-url address)
      (let ((line (match-string 2 address))
            (path (decode-coding-string (url-unhex-string (match-string 1 address)) 'utf-8)))
        (when (eq system-type 'windows-nt)
          (setq path (substring path 1)))
        (find-file-other-window (concat (file-remote-p default-directory) path))
        (when line
          (goto-char (point-min))
          (forward-line (1- (string-to-number line))))))))

;;;; Commands

(defun lsp-debugger--run (server command argument)
  "Have SERVER run COMMAND with ARGUMENT, a plist or nil; return the result and show why there is none."
  (unless server
    (user-error "No language server here: M-x eglot"))
  (let ((result (jsonrpc-request
                 server :workspace/executeCommand
                 (list :command (concat "lspDebugger." command)
                       :arguments (if argument (vector argument) [])))))
    (when-let* ((reason (and (listp result) (plist-get result :reason))))
      (message "%s" reason))
    result))

;;;###autoload
(defun lsp-debugger-explain ()
  "Explain what is reported at point."
  (interactive)
  (lsp-debugger--run (eglot-current-server) "explain" (lsp-debugger--place)))

;;;###autoload
(defun lsp-debugger-fix ()
  "Ask the model to fix what is reported at point; the edit comes once it was checked."
  (interactive)
  (lsp-debugger--run (eglot-current-server) "fix" (lsp-debugger--place)))

;;;###autoload
(defun lsp-debugger-fix-all ()
  "Fix everything in this file that the rule found which is reported at point."
  (interactive)
  (lsp-debugger--run (eglot-current-server) "fixAll" (lsp-debugger--place)))

;;;###autoload
(defun lsp-debugger-write-test ()
  "Have a test written that fails because of what is reported at point."
  (interactive)
  (lsp-debugger--run (eglot-current-server) "writeTest" (lsp-debugger--place)))

;;;###autoload
(defun lsp-debugger-reduce ()
  "Make the failing test at point as small as it gets while it fails in the same way."
  (interactive)
  (lsp-debugger--run (eglot-current-server) "reduce" (lsp-debugger--place)))

;;;###autoload
(defun lsp-debugger-escalate ()
  "Ask the service that your policy names, after you have seen what would be sent and agreed."
  (interactive)
  (lsp-debugger--run (eglot-current-server) "escalate" (lsp-debugger--place)))

(defun lsp-debugger--place ()
  "The document and point, as our commands take them."
  (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
        :position (eglot--pos-to-lsp-position)))

(defun lsp-debugger-cancel ()
  "Stop the answer that is being written; what there is of it stays."
  (interactive)
  (when-let* ((buffer (get-buffer lsp-debugger-buffer-name))
              (id (buffer-local-value 'lsp-debugger--id buffer)))
    (lsp-debugger--run (buffer-local-value 'lsp-debugger--server buffer) "cancel" (list :id id))))

(defun lsp-debugger-last-answer ()
  "Show the newest answer again."
  (interactive)
  (if-let* ((buffer (get-buffer lsp-debugger-buffer-name)))
      (display-buffer buffer)
    (lsp-debugger--run (eglot-current-server) "lastAnswer" nil)))

(defun lsp-debugger-status ()
  "Show the model, the policy and the index that are in force."
  (interactive)
  (let ((status (lsp-debugger--run (eglot-current-server) "status" nil)))
    (message "%s" (mapconcat (lambda (pair)
                               (format "%s: %s" (substring (symbol-name (car pair)) 1) (cadr pair)))
                             (seq-partition status 2) "\n"))))

(defun lsp-debugger-restart ()
  "Have settings, policy and models read again."
  (interactive)
  (lsp-debugger--run (eglot-current-server) "restart" nil))

(provide 'lsp-debugger)
;;; lsp-debugger.el ends here
