// Opens VS Code's page in a browser and keeps it open until the walk has written its results; a picture at the end.
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

const [, , modules, browser, url, results, picture] = process.argv;
const { chromium } = createRequire(`${modules}/`)('playwright-core');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const shown = await chromium.launch({ executablePath: browser, args: flags });
try {
  const page = await shown.newPage({ viewport: { width: 1300, height: 800 } });
  await page.goto(url);
  await page.waitForSelector('.monaco-workbench', { timeout: 60000 });
  const end = Date.now() + 150000;
  while (!existsSync(results) && Date.now() < end) {
    await page.waitForTimeout(200);
  }
  const notes = await page.$$eval('.notification-list-item-message', (all) => all.map((each) => each.textContent));
  console.log(JSON.stringify(notes));
  await page.screenshot({ path: picture });
} finally {
  await shown.close();
}
