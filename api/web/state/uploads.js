// The queue of uploads: three at a time, repeated after temporary errors, restored after a reload.

import { ApiError } from '../api/client.js';
import { uploadImage } from '../api/images.js';
import { service } from '../api/service.js';
import { t } from '../i18n/index.js';
import { batch, computed, effect, signal, untracked } from '../vendor/preact.js';
import { connection } from './connection.js';
import { navigate } from './route.js';
import { user } from './session.js';
import { announce, toast } from './toasts.js';
import { forget, loadStored, store } from './upload_store.js';

/** @typedef {'waiting' | 'uploading' | 'done' | 'failed' | 'rejected'} State */
/** @typedef {{id: string, file: File, owner: string | null, state: State, sentBytes: number,
 *   bytesPerSecond: number, notBefore: number, attempts: number, code?: string, error?: unknown,
 *   image?: import('../api/images.js').Image}} Upload */

const AT_ONCE = 3;
const MAX_ATTEMPTS = 6;
const OTHER_NAMES = ['.jpg', '.jpe', '.tif', '.heif', '.cube'];

/** @type {import('../vendor/preact.js').Signal<Upload[]>} */
export const uploads = signal(/** @type {Upload[]} */ ([]));
export const mine = computed(() => uploads.value.filter(({ owner }) => !owner || owner === user.value?.user_id));
/** @type {Map<string, AbortController>} */
const running = new Map();
let timer = 0;
let added = 0;

/** Adds files, checks them, and shows the queue. Of a folder, only pictures are added.
 * @param {File[]} files @param {{fromFolder?: boolean}} [options] */
export async function addFiles(files, { fromFolder = false } = {}) {
  const chosen = fromFolder ? files.filter((file) => !rejection(file)) : files;
  if (chosen.length < files.length) toast(t('upload.skipped', { count: files.length - chosen.length }));
  if (!chosen.length) return;
  const news = chosen.map(newUpload);
  uploads.value = [...uploads.value, ...news];
  announce(t('upload.added', { count: news.length }));
  navigate(user.value ? 'upload' : 'sign-in', '', user.value ? {} : { new: '1', next: '#/upload' });
  await Promise.all(news.filter(({ state }) => state === 'waiting').map(remember));
  schedule();
}

/** @param {File} file @returns {Upload} */
function newUpload(file) {
  const code = rejection(file);
  const id = `${Date.now().toString(36).padStart(10, '0')}-${String(++added).padStart(6, '0')}-${crypto.getRandomValues(new Uint32Array(1))[0]}`; // in order
  const owner = user.value?.user_id ?? null;
  return { ...fresh({ id, file, owner }), state: code ? 'rejected' : 'waiting', code };
}

/** @param {import('./upload_store.js').StoredUpload} stored @returns {Upload} */
const fresh = (stored) => ({ ...stored, state: 'waiting', sentBytes: 0, bytesPerSecond: 0, notBefore: 0, attempts: 0 });

/** The code of the error that the server would answer with. @param {File} file */
function rejection(file) {
  const name = file.name.toLowerCase();
  const isKnown = service.formats.includes(file.type) || [...service.formats, ...OTHER_NAMES].some((end) => name.endsWith(end));
  if (!isKnown) return 'unsupported_image';
  if (!file.size) return 'invalid_image';
  return file.size > service.maxUploadBytes ? 'upload_too_large' : undefined;
}

/** @param {Upload} upload */
const remember = ({ id, file, owner }) => store({ id, file, owner });

/** @param {string} id @param {Partial<Upload>} changes */
function update(id, changes) {
  uploads.value = uploads.value.map((each) => (each.id === id ? { ...each, ...changes } : each));
}

/** Starts what may start now, and looks again when the next may. */
function schedule() {
  clearTimeout(timer);
  if (!user.value || connection.value !== 'online') return;
  const waiting = mine.value.filter(({ state }) => state === 'waiting');
  const ready = waiting.filter(({ notBefore }) => notBefore <= Date.now());
  for (const each of ready.slice(0, AT_ONCE - running.size)) void run(each);
  const next = Math.min(...waiting.map(({ notBefore }) => notBefore).filter((at) => at > Date.now()));
  if (Number.isFinite(next)) timer = setTimeout(schedule, next - Date.now() + 50);
}

/** @param {Upload} upload */
async function run(upload) {
  const { id, file } = upload;
  const controller = new AbortController();
  running.set(id, controller);
  update(id, { state: 'uploading', sentBytes: 0, bytesPerSecond: 0, owner: user.value?.user_id ?? null });
  try {
    await remember({ ...upload, owner: user.value?.user_id ?? null });
    finish(id, await uploadImage(file, file.name, id, { signal: controller.signal, onProgress: measure(id) }));
  } catch (error) {
    fail(id, error);
  }
  running.delete(id);
  schedule();
}

/** @param {string} id */
function measure(id) {
  const startedAt = performance.now();
  return (/** @type {number} */ sentBytes) =>
    update(id, { sentBytes, bytesPerSecond: (1000 * sentBytes) / Math.max(performance.now() - startedAt, 1) });
}

/** @param {string} id @param {import('../api/images.js').Image} image */
function finish(id, image) {
  update(id, { state: 'done', image, bytesPerSecond: 0 });
  void forget(id);
  const states = mine.value.map(({ state }) => state);
  const done = states.filter((state) => state === 'done').length;
  if (!states.some((state) => state === 'waiting' || state === 'uploading')) announce(t('upload.all_done', { count: done }));
}

/** @param {string} id @param {unknown} error */
function fail(id, error) {
  const found = uploads.value.find((each) => each.id === id);
  if (!found) return; // cancelled
  const attempts = found.attempts + 1;
  const isLost = error instanceof ApiError && (error.status === 0 || error.code === 'unauthenticated');
  const isTemporary = error instanceof ApiError && error.isTemporary && attempts < MAX_ATTEMPTS;
  if (isLost) update(id, { state: 'waiting', error, bytesPerSecond: 0 }); // until there is a connection or a session
  else if (isTemporary) postpone(id, attempts, error);
  else update(id, { state: 'failed', attempts: 0, error, bytesPerSecond: 0 });
  if (!isLost && !isTemporary) announce(t('upload.failed', { name: found.file.name }));
}

/** What the server asks of one upload holds for all that wait.
 * @param {string} id @param {number} attempts @param {ApiError} error */
function postpone(id, attempts, error) {
  const notBefore = Date.now() + 1000 * (error.retryAfterSeconds || 2 ** attempts);
  batch(() => {
    update(id, { state: 'waiting', attempts, error, bytesPerSecond: 0 });
    for (const each of mine.value) if (each.state === 'waiting') update(each.id, { notBefore });
  });
}

/** Cancels an upload, or removes what has ended. @param {string} id */
export function remove(id) {
  uploads.value = uploads.value.filter((each) => each.id !== id);
  running.get(id)?.abort();
  void forget(id);
}

/** @param {string[]} ids */
export function retry(ids) {
  batch(() => ids.forEach((id) => update(id, { state: 'waiting', notBefore: 0, attempts: 0, error: undefined })));
  schedule();
}

/** Continues what an earlier page left. */
async function restore() {
  const found = await loadStored();
  const known = new Set(uploads.value.map(({ id }) => id)); // some were added meanwhile
  const stored = found.filter(({ id }) => !known.has(id));
  if (stored.length) uploads.value = [...stored.map(fresh), ...uploads.value];
  schedule();
}

effect(() => {
  if (user.value && connection.value === 'online') untracked(schedule);
});
void restore();
