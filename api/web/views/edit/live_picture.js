// A picture that follows a request: the newest one wins, older ones are aborted, and the last good one stays meanwhile.

import { ApiError } from '../../api/client.js';
import { renderFull, renderPreview } from '../../api/previews.js';
import { signal } from '../../vendor/preact.js';

/** @typedef {{url: string, width: number, height: number, bytes: number, isFull: boolean,
 *   element: HTMLImageElement}} Picture */
/** @typedef {import('../../api/previews.js').PreviewBody} PreviewBody */

const PAUSE_MILLISECONDS = 50; // so many changes of a slider are one request
const FULL_PAUSE_MILLISECONDS = 400; // every pixel takes longer
const GIVEN_MILLISECONDS = 250; // for a request, before a newer one aborts it: so the picture moves with the slider
const KEPT = 24; // pictures, so that undo and switching steps off and on show at once

export class LivePicture {
  constructor() {
    /** @type {import('../../vendor/preact.js').Signal<Picture | null>} */
    this.picture = signal(/** @type {Picture | null} */ (null));
    this.isBusy = signal(false);
    this.error = signal(/** @type {unknown} */ (null));
    /** @type {Map<string, Picture>} */
    this.kept = new Map();
    /** @type {{key: string, body: PreviewBody, isFull: boolean} | null} */
    this.wanted = null;
    /** @type {{key: string, since: number, abort: AbortController} | null} */
    this.running = null;
    this.timer = 0;
  }

  /** @param {PreviewBody | null} body  Null: nothing new is wanted. @param {boolean} [isFull]  With every pixel. */
  show(body, isFull = false) {
    const key = JSON.stringify([body, isFull]);
    const found = this.kept.get(key);
    this.wanted = body && !found ? { key, body, isFull } : null;
    if (this.running && this.running.key !== key && !this.wanted) this.running.abort.abort();
    if (found) this.present(key, found);
    if (this.wanted && this.running?.key !== key) this.wait(isFull ? FULL_PAUSE_MILLISECONDS : PAUSE_MILLISECONDS);
  }

  /** @param {number} milliseconds */
  wait(milliseconds) {
    this.isBusy.value = true;
    this.timer ||= setTimeout(() => ((this.timer = 0), this.next()), milliseconds);
  }

  next() {
    const { wanted, running } = this;
    if (!wanted || running?.key === wanted.key) return;
    if (running && performance.now() - running.since < GIVEN_MILLISECONDS) return this.wait(PAUSE_MILLISECONDS);
    running?.abort.abort();
    void this.load(wanted);
  }

  /** @param {{key: string, body: PreviewBody, isFull: boolean}} wanted */
  async load({ key, body, isFull }) {
    const running = { key, since: performance.now(), abort: new AbortController() };
    this.running = running;
    let pause = 0;
    try {
      const picture = await decode(await (isFull ? renderFull : renderPreview)(body, running.abort.signal), isFull);
      this.keep(key, picture);
      if (this.running === running) this.present(key, picture);
    } catch (error) {
      if (this.running === running && !isAbort(error)) pause = this.fail(key, error);
    }
    if (this.running === running) this.running = null;
    this.isBusy.value = Boolean(this.running || this.wanted);
    if (this.wanted && !this.running) this.wait(pause);
  }

  /** Returns after how many milliseconds to try again, if that makes sense. @param {string} key @param {unknown} error */
  fail(key, error) {
    this.error.value = error;
    if (error instanceof ApiError && error.isTemporary) return 1000 * (error.retryAfterSeconds || 2);
    if (this.wanted?.key === key) this.wanted = null;
    return 0;
  }

  /** @param {string} key @param {Picture} picture */
  present(key, picture) {
    if (this.wanted?.key === key) this.wanted = null;
    this.picture.value = picture;
    this.error.value = null;
    this.isBusy.value = Boolean(this.wanted);
  }

  /** @param {string} key @param {Picture} picture */
  keep(key, picture) {
    this.kept.set(key, picture);
    const [oldest, dropped] = this.kept.entries().next().value ?? [];
    if (this.kept.size <= KEPT || !oldest || dropped === this.picture.value) return;
    this.kept.delete(oldest);
    if (dropped) URL.revokeObjectURL(dropped.url);
  }

  close() {
    this.running?.abort.abort();
    clearTimeout(this.timer);
    for (const { url } of this.kept.values()) URL.revokeObjectURL(url);
  }
}

/** @param {Blob} blob @param {boolean} isFull @returns {Promise<Picture>} */
async function decode(blob, isFull) {
  const url = URL.createObjectURL(blob);
  const element = new Image();
  element.src = url;
  await element.decode();
  return { url, width: element.naturalWidth, height: element.naturalHeight, bytes: blob.size, isFull, element };
}

/** @param {unknown} error */
const isAbort = (error) => error instanceof DOMException && error.name === 'AbortError';
