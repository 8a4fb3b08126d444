// Tasks and images of the user, newest first, kept up to date by the event stream.

import { deleteImage, listImages } from '../api/images.js';
import { deleteTask, getTask, listTasks } from '../api/tasks.js';
import { sentence } from '../i18n/errors.js';
import { t } from '../i18n/index.js';
import { signal } from '../vendor/preact.js';
import { toast } from './toasts.js';

/** @typedef {import('../api/tasks.js').Task} Task */
/** @typedef {import('../api/images.js').Image} Image */
/** @template Item @typedef {{items: Item[], cursor: string | null, isLoading: boolean, error?: unknown}} Listing */

const MANY = 8; // changed tasks, for which a page is read instead of each
/** @template Item @returns {Listing<Item>} */
const empty = () => ({ items: [], cursor: null, isLoading: true });

/** @type {import('../vendor/preact.js').Signal<Listing<Task>>} */
export const tasks = signal(/** @type {Listing<Task>} */ (empty()));
/** @type {import('../vendor/preact.js').Signal<Listing<Image>>} */
export const images = signal(/** @type {Listing<Image>} */ (empty()));
/** Ids that were deleted and can still be brought back. @type {import('../vendor/preact.js').Signal<Set<string>>} */
export const hidden = signal(/** @type {Set<string>} */ (new Set()));
/** Every task that was read, whatever the list is filtered by.
 * @type {import('../vendor/preact.js').Signal<Map<string, Task>>} */
export const known = signal(/** @type {Map<string, Task>} */ (new Map()));
const FINAL = ['succeeded', 'failed', 'cancelled'];
let status = '';

/** Reads the newest page, in front of those that are there if they go on from it, or the one after those.
 * @param {import('../vendor/preact.js').Signal<Listing<any>>} list
 * @param {(page: {cursor: string | null}) => Promise<import('../api/images.js').Page<any>>} read @param {boolean} more */
async function load(list, read, more) {
  list.value = { ...list.value, isLoading: true, error: undefined };
  try {
    const page = await read({ cursor: more ? list.value.cursor : null });
    const { items, cursor } = list.value;
    const end = more ? -1 : items.findIndex((each) => idOf(each) === idOf(page.items.at(-1) ?? {})) + 1;
    if (end > 0) list.value = { items: [...page.items, ...items.slice(end)], cursor, isLoading: false };
    else list.value = { items: more ? [...items, ...page.items] : page.items, cursor: page.next_cursor, isLoading: false };
  } catch (error) {
    list.value = { ...list.value, isLoading: false, error };
  }
}

/** @param {{task_id?: string, image_id?: string | null}} item */
const idOf = (item) => item.task_id ?? item.image_id ?? '';

export const loadImages = ({ more = false } = {}) => load(images, listImages, more);

export async function loadTasks({ more = false } = {}) {
  await load(tasks, (page) => listTasks({ ...page, status }), more);
  remember(tasks.value.items);
}

/** Reads the pages that are not there yet. @param {'tasks' | 'images'} kind */
export async function loadAll(kind) {
  const [list, more] = kind === 'tasks' ? [tasks, loadTasks] : [images, loadImages];
  while (list.value.cursor && !list.value.error) await more({ more: true });
}

/** @param {Task[]} found */
function remember(found) {
  known.value = new Map([...known.value, ...found.map((task) => /** @type {const} */ ([task.task_id, task]))]);
}

/** @param {string} chosen Only tasks in this state; empty for all. */
export function chooseStatus(chosen) {
  status = chosen;
  tasks.value = empty();
  return loadTasks();
}

/** @type {Set<string>} */
const changed = new Set();

/** @param {import('./live.js').LiveEvent} event */
export function follow({ event, task_id: id }) {
  if (event === 'refetch' || !id) return void refetch();
  if (event === 'deleted') return void drop(tasks, [id]);
  if (event === 'running' || event === 'queued') return replace(id, { status: event });
  if (!changed.size) setTimeout(readChanged, 100);
  changed.add(id);
}

async function readChanged() {
  const ids = [...changed];
  changed.clear();
  if (ids.length > MANY) return refetch();
  await readEach(ids);
}

/** Reads the newest page, and the tasks that had not ended when they were last read. */
async function refetch() {
  await loadTasks();
  await readEach([...known.value.values()].filter((task) => !FINAL.includes(task.status)).map((task) => task.task_id));
}

/** @param {string[]} ids */
async function readEach(ids) {
  for (const id of ids) {
    const task = await getTask(id).catch(() => null);
    if (task) add(task);
  }
}

/** Adds a task at the top, or brings the one that is there up to date. @param {Task} task */
export function add(task) {
  const { items } = tasks.value;
  if (FINAL.includes(known.value.get(task.task_id)?.status ?? '') && !task.finished_at) return; // an older answer
  remember([task]);
  if (items.some((each) => each.task_id === task.task_id)) replace(task.task_id, task);
  else if (!status || status === task.status) tasks.value = { ...tasks.value, items: [task, ...items] };
}

/** @param {string} id @param {Partial<Task>} changes */
function replace(id, changes) {
  const items = tasks.value.items.map((each) => (each.task_id === id ? { ...each, ...changes } : each));
  tasks.value = { ...tasks.value, items };
  const task = known.value.get(id);
  if (task) remember([{ ...task, ...changes }]);
}

/** @param {import('../vendor/preact.js').Signal<Listing<any>>} list @param {string[]} ids */
function drop(list, ids) {
  list.value = { ...list.value, items: list.value.items.filter((each) => !ids.includes(idOf(each))) };
}

/** Hides tasks or images, and deletes them when the message with "Undo" has gone.
 * @param {'tasks' | 'images'} kind @param {string[]} ids */
export function deleteLater(kind, ids) {
  const [list, remove] = kind === 'tasks' ? [tasks, deleteTask] : [images, deleteImage];
  const show = () => (hidden.value = new Set([...hidden.value].filter((id) => !ids.includes(id))));
  const deleteNow = async ({ keepalive = false } = {}) => {
    removeEventListener('pagehide', deleteAtOnce);
    const results = await Promise.allSettled(ids.map((id) => remove(id, { keepalive })));
    const failed = results.find((each) => each.status === 'rejected');
    drop(list, ids.filter((_, index) => results[index].status === 'fulfilled'));
    show();
    if (failed?.status === 'rejected') toast(sentence(failed.reason));
  };
  const deleteAtOnce = () => void deleteNow({ keepalive: true });
  hidden.value = new Set([...hidden.value, ...ids]);
  addEventListener('pagehide', deleteAtOnce);
  toast(t('gallery.deleted', { count: ids.length }), {
    action: t('undo'),
    onAction: () => (removeEventListener('pagehide', deleteAtOnce), show()),
    onClose: () => void deleteNow(),
  });
}
