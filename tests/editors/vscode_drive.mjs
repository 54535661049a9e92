// Opens VS Code's page in a browser and keeps it open until the walk has written its results. Does what the walk asks for
// in $WALK_PICTURE, a moment's name for a picture or `press LABEL`; writes down what was notified meanwhile.
import { createRequire } from 'node:module';
import { existsSync, readFileSync, rmSync } from 'node:fs';

const [, , modules, browser, url, pictures] = process.argv;
const { WALK_RESULTS: results, WALK_PICTURE: wanted } = process.env;
const { chromium } = createRequire(`${modules}/`)('playwright-core');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

/** A preview draws what it shows a moment later than its document has it. */
async function rendered(page, moment) {
  const end = Date.now() + 8000;
  while (moment === 'whole-answer' && Date.now() < end) {
    const shownNow = await Promise.all(page.frames().map((frame) => frame.textContent('body', { timeout: 500 }).catch(() => '')));
    if (shownNow.some((text) => text.includes(process.env.WALK_WORDS))) {
      return;
    }
    await page.waitForTimeout(100);
  }
}

/** Click the link to the place that the answer is about, in every preview that is on the screen. */
async function follow(page) {
  for (const frame of page.frames()) {
    const link = frame.locator('a', { hasText: 'me.py:1' }).first();
    if (await link.isVisible().catch(() => false)) {
      await link.click();
    }
  }
}

async function fulfil(page, wish) {
  if (wish.startsWith('press ')) {
    return press(page, wish.slice('press '.length));
  }
  await rendered(page, wish);
  // What slides in has arrived; what turns for ever does not count.
  await page.waitForFunction(() => document.getAnimations().every(
    (each) => each.playState !== 'running' || each.effect?.getComputedTiming().endTime === Infinity), null, { timeout: 3000 })
    .catch(() => {});
  await page.screenshot({ path: `${pictures}/vscode-${wish}.png` });
  if (wish === 'whole-answer') {
    await follow(page);
  }
}

const questions = [];
let buttons = [];

/** Press a button of a question, as a user who has read it. */
async function press(page, label) {
  const toast = page.locator('.notification-list-item', { has: page.locator('.monaco-button', { hasText: label }) }).first();
  await toast.waitFor({ timeout: 15000 });
  questions.push(await toast.locator('.notification-list-item-message').textContent());
  buttons = await toast.locator('.notification-list-item-buttons-container .monaco-button').allTextContents();
  await toast.locator('.monaco-button', { hasText: label }).first().click();
}

const shown = await chromium.launch({ executablePath: browser, args: flags });
try {
  const page = await shown.newPage({ viewport: { width: 1200, height: 700 } });
  const opened_at = Date.now() / 1000;
  await page.goto(url);
  await page.waitForSelector('.monaco-workbench', { timeout: 60000 });
  const [popups, progress] = [new Set(), new Set()];
  const texts = (selector) => page.$$eval(selector, (all) => all.map((each) => each.textContent));
  const end = Date.now() + 150000;
  while (!existsSync(results) && Date.now() < end) {
    if (existsSync(wanted)) {
      await fulfil(page, readFileSync(wanted, 'utf8').trim());
      rmSync(wanted);
    }
    for (const note of await texts('.notification-list-item-message')) {
      popups.add(note);
    }
    for (const item of await texts('.statusbar-item-label')) {
      if (/lsp_debugger: (explaining|fixing) /.test(item)) {
        progress.add(item);
      }
    }
    await page.waitForTimeout(50);
  }
  console.log(JSON.stringify({ progress: [...progress], popups: [...popups], questions, buttons, opened_at }));
} finally {
  await shown.close();
}
