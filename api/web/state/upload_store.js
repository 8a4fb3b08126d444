// Files that wait to be uploaded, kept by the browser until they are: a reload loses none.

const NAME = 'darkroom';
const STORE = 'uploads';

/** @typedef {{id: string, file: File, owner: string | null}} StoredUpload */

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'id' });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/** Does something with the store; without one, as in some private windows, the queue lasts as long as the page.
 * @template Result @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<Result>} act
 * @returns {Promise<Result | undefined>} */
async function withStore(mode, act) {
  try {
    const database = await (connected ??= open());
    return await new Promise((resolve, reject) => {
      const request = act(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } catch {
    return undefined;
  }
}

/** @type {Promise<IDBDatabase> | undefined} */
let connected;

/** @returns {Promise<StoredUpload[]>} In the order in which they were added. */
export const loadStored = async () => (await withStore('readonly', (store) => store.getAll())) ?? [];

/** @param {StoredUpload} upload */
export const store = (upload) => withStore('readwrite', (store) => store.put(upload));

/** @param {string} id */
export const forget = (id) => withStore('readwrite', (store) => store.delete(id));
