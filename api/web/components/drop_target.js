// The whole window takes pictures that are dropped on it or pasted.

import { t } from '../i18n/index.js';
import { toast } from '../state/toasts.js';
import { addFiles } from '../state/uploads.js';
import { html, useEffect, useSignal } from '../vendor/preact.js';

export function DropTarget() {
  const isOver = useSignal(false);
  useEffect(() => {
    const controller = new AbortController();
    const listen = (/** @type {string} */ type, /** @type {(event: any) => void} */ listener) =>
      addEventListener(type, listener, { signal: controller.signal });
    listen('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      isOver.value = true;
    });
    listen('dragleave', (event) => (isOver.value = Boolean(event.relatedTarget)));
    listen('drop', (event) => {
      isOver.value = false;
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      void addDropped(event.dataTransfer);
    });
    listen('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) void addFiles(files);
    });
    return () => controller.abort();
  }, []);
  return isOver.value && html`<div class="drop-veil" aria-hidden="true">${t('upload.drop')}</div>`;
}

/** @param {DataTransfer} transfer */
async function addDropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null);
  const isFolder = entries.some((entry) => entry?.isDirectory);
  const files = isFolder ? (await Promise.all(entries.map(filesOf))).flat() : [...transfer.files];
  void addFiles(files, { fromFolder: isFolder });
}

/** @param {any} entry A FileSystemEntry @returns {Promise<File[]>} */
async function filesOf(entry) {
  const skip = () => (toast(t('upload.unreadable')), []);
  if (entry.isFile) return new Promise((resolve) => entry.file((/** @type {File} */ file) => resolve([file]), () => resolve(skip())));
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve(skip()))); // 100 at a time
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesOf))).flat();
}
