// All filters and looks: searched, grouped, looks as thumbnails of the picture being edited.

import { Dialog } from '../../components/dialog.js';
import { t } from '../../i18n/index.js';
import { catalogue } from '../../state/catalogue.js';
import { html, useEffect, useRef, useSignal } from '../../vendor/preact.js';
import { LookTile } from './look_tile.js';

/** @typedef {{name: string, title: string, summary: string, group: string}} Entry */

/** @returns {Entry[]} */
const entries = () => [
  ...(catalogue.value?.looks ?? []).map(({ name }) => entry(name, 'look', 'looks')),
  ...(catalogue.value?.items ?? []).map(({ name, group }) => entry(name, 'filter', group)),
];

/** @param {string} name @param {string} kind @param {string} group @returns {Entry} */
const entry = (name, kind, group) => ({ name, group, title: t(`${kind}.${name}`), summary: t(`${kind}.${name}.summary`) });

/** @param {Entry} entry @param {string} words */
function matches({ name, title, summary }, words) {
  const text = `${name.replaceAll('_', ' ')} ${title} ${summary}`.toLowerCase();
  return words.toLowerCase().replaceAll('_', ' ').split(/\s+/).every((word) => text.includes(word));
}

/** Those whose name begins with the words come first. @param {Entry[]} found @param {string} words */
const ranked = (found, words) =>
  found.toSorted((one, other) => Number(startsWith(other, words)) - Number(startsWith(one, words)));

/** @param {Entry} entry @param {string} words */
const startsWith = ({ title, name }, words) =>
  title.toLowerCase().startsWith(words.toLowerCase()) || name.startsWith(words.toLowerCase());

/** @param {{imageId: string, onChoose: (name: string) => void, onClose: () => void}} props */
export function CatalogueDialog({ imageId, onChoose, onClose }) {
  const words = useSignal('');
  const group = useSignal('');
  /** @type {{current: HTMLInputElement | null}} */
  const search = useRef(null);
  useEffect(() => search.current?.focus(), []);
  const all = entries();
  const groups = [...new Set(all.map((each) => each.group))];
  const found = ranked(all.filter((each) => matches(each, words.value) && (!group.value || each.group === group.value)), words.value);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (found.length) onChoose(found[0].name);
  };
  return html`
    <${Dialog} wide title=${t('edit.add_step')} onClose=${onClose}>
      <form class="catalogue-search" role="search" onSubmit=${submit}>
        <input ref=${search} class="input" type="search" value=${words.value} placeholder=${t('edit.search')} aria-label=${t('edit.search')}
          onInput=${(/** @type {any} */ event) => (words.value = event.target.value)} />
        <div class="groups" role="group" aria-label=${t('edit.groups')}>
          ${['', ...groups].map(
            (each) => html`
              <button key=${each} type="button" aria-pressed=${String(group.value === each)} onClick=${() => (group.value = each)}>
                ${groupName(each)}
              </button>
            `,
          )}
        </div>
      </form>
      <div class="catalogue" tabindex="-1">
        ${!found.length && html`<p class="muted">${t('edit.nothing_found')}</p>`}
        ${groups.map(
          (each) => html`<${Group} key=${each} name=${each} found=${found.filter((one) => one.group === each)} ...${{ imageId, onChoose }} />`,
        )}
      </div>
    <//>
  `;
}

/** @param {string} name */
const groupName = (name) => (name === 'looks' ? t('edit.looks') : name ? t(`group.${name}`) : t('edit.all'));

/** @param {{name: string, found: Entry[], imageId: string, onChoose: (name: string) => void}} props */
function Group({ name, found, imageId, onChoose }) {
  if (!found.length) return null;
  const isLooks = name === 'looks';
  return html`
    <section>
      <h3>${groupName(name)}</h3>
      <ul class=${isLooks ? 'tiles' : 'entries'}>
        ${found.map(
          (each) => html`
            <li key=${each.name}>
              ${isLooks
                ? html`<${LookTile} name=${each.name} title=${each.title} summary=${each.summary} imageId=${imageId} onChoose=${onChoose} />`
                : html`
                    <button type="button" class="entry" onClick=${() => onChoose(each.name)}>
                      <b>${each.title}</b><span>${each.summary}</span>
                    </button>
                  `}
            </li>
          `,
        )}
      </ul>
    </section>
  `;
}
