// The editor: steps on the left, the picture on the right, one above the other on a phone.

import { getImage } from '../../api/images.js';
import { Button } from '../../components/button.js';
import { PresetDialog } from '../../components/preset_dialog.js';
import { Failure, Loading } from '../../components/states.js';
import { messagesByPlace } from '../../i18n/errors.js';
import { formatBytes, t } from '../../i18n/index.js';
import { filterNamed, loadCatalogue } from '../../state/catalogue.js';
import { follow } from '../../state/gallery.js';
import { listenToTasks } from '../../state/live.js';
import { replaceAddress } from '../../state/route.js';
import { html, useEffect, useMemo, useSignal, useSignalEffect } from '../../vendor/preact.js';
import { CatalogueDialog } from './catalogue_dialog.js';
import { CopyDialog } from './copy_dialog.js';
import { addStep, edit, replaceAll, start, target, toQuery, toRequest } from './edit_state.js';
import { Histogram } from './histogram.js';
import { LivePicture } from './live_picture.js';
import { firstKind } from './on_picture.js';
import { fitting, previewOptions } from './output_options.js';
import { OutputPanel, Render } from './output_panel.js';
import { forgetJob } from './rendering.js';
import { Stage } from './stage.js';
import { StepList } from './step_list.js';
import { Toolbar, onShortcut } from './toolbar.js';

/** @typedef {import('../../api/images.js').Image} Image */
/** @typedef {import('./edit_state.js').Step} Step */

const ADDRESS_MILLISECONDS = 300; // browsers limit how often an address may change

/** @param {{route: import('../../state/route.js').Route}} props */
export function Edit({ route }) {
  const image = useSignal(/** @type {Image | null} */ (null));
  const error = useSignal(/** @type {unknown} */ (null));
  const load = async () => {
    error.value = null;
    try {
      const [found] = await Promise.all([getImage(route.id), loadCatalogue()]);
      start(route.query);
      image.value = found;
    } catch (failure) {
      error.value = failure;
    }
  };
  useEffect(() => {
    if (route.view !== 'edit') return undefined; // the next view is still being loaded
    image.value = null;
    void load();
    return forgetJob;
  }, [route]);
  if (error.value) return html`<div class="view"><${Failure} error=${error.value} onRetry=${load} /></div>`;
  return image.value ? html`<${Editor} key=${image.value.image_id} image=${image.value} />` : html`<${Loading} />`;
}

/** @param {{image: Image}} props */
function Editor({ image }) {
  const dialog = useSignal('');
  const look = useSignal({ isComparing: false, isFullSize: false, hasHistogram: false });
  const pictures = usePictures(image, look);
  useAddress(image);
  useEffect(() => listenToTasks(follow), []);
  useEffect(() => {
    addEventListener('keydown', onShortcut);
    return () => removeEventListener('keydown', onShortcut);
  }, []);
  const close = () => (dialog.value = '');
  const choose = (/** @type {string} */ name) => (close(), add(name));
  const sent = () => ({ pipeline: toRequest(edit.value.steps), output: edit.value.output });
  const apply = (/** @type {import('../../api/presets.js').Preset} */ preset) =>
    replaceAll(preset.pipeline, fitting(preset.output_options, image.format));
  const errors = messagesByPlace(pictures.result.error.value);
  const picture = pictures.result.picture.value;
  return html`
    <div class="view full editor">
      <aside class="panel">
        <header>
          <h1 class="file-name">${image.file_name ?? t('edit.untitled')}</h1>
          <p class="muted small">${image.format.toUpperCase()} · ${formatBytes(image.bytes)}</p>
        </header>
        <${StepList} errors=${errors} />
        <${Button} id="add-step" icon="plus" onClick=${() => (dialog.value = 'catalogue')}>${t('edit.add_step')}<//>
        <${OutputPanel} image=${image} errors=${errors} />
        <${Render} image=${image} />
      </aside>
      <div class="work">
        <${Toolbar} look=${look} onCopy=${() => (dialog.value = 'copy')} onPresets=${() => (dialog.value = 'presets')} />
        <${Stage} ...${pictures} look=${look.value} name=${image.file_name ?? t('edit.untitled')} />
        ${look.value.hasHistogram && picture && html`<${Histogram} picture=${picture} />`}
      </div>
    </div>
    ${dialog.value === 'catalogue' && html`<${CatalogueDialog} imageId=${image.image_id} onChoose=${choose} onClose=${close} />`}
    ${dialog.value === 'presets' && html`<${PresetDialog} ...${sent()} onApply=${apply} onClose=${close} />`}
    ${dialog.value === 'copy' && html`<${CopyDialog} imageId=${image.image_id} onClose=${close} />`}
  `;
}

/** Where the defaults are an error. @type {Record<string, Record<string, any>>} */
const FIRST_VALUES = { resize: { width: 1600 } };

/** @param {string} name */
function add(name) {
  const step = addStep(name, FIRST_VALUES[name]);
  const kind = firstKind(name);
  target.value = kind ? { id: step.id, kind } : null;
}

/** The result, what it is compared with, and what a step is set on: of these only what is shown.
 * @param {Image} image @param {import('../../vendor/preact.js').Signal<import('./toolbar.js').Look>} look */
function usePictures(image, look) {
  const pictures = useMemo(() => ({ result: new LivePicture(), before: new LivePicture(), base: new LivePicture() }), []);
  useSignalEffect(() => {
    const { steps, output } = edit.value;
    const { isComparing, isFullSize } = look.value;
    const isFull = isFullSize && !target.value;
    const body = (/** @type {Step[]} */ shown) => ({
      image_id: image.image_id,
      pipeline: toRequest(shown),
      output: previewOptions(output, image.format, isFull),
    });
    const index = steps.findIndex((step) => step.id === target.value?.id);
    if (target.value && index < 0) target.value = null;
    pictures.result.show(body(steps), isFull);
    const isGeometry = (/** @type {Step} */ step) => filterNamed(step.filter)?.group === 'geometry';
    pictures.before.show(isComparing ? body(steps.filter(isGeometry)) : null, isFull);
    pictures.base.show(index < 0 ? null : body(steps.slice(0, index)));
  });
  useEffect(() => () => Object.values(pictures).forEach((each) => each.close()), []);
  return pictures;
}

/** Keeps the edit in the address. @param {Image} image */
function useAddress(image) {
  useSignalEffect(() => {
    const query = toQuery(edit.value);
    const timer = setTimeout(() => replaceAddress('edit', image.image_id, query), ADDRESS_MILLISECONDS);
    return () => clearTimeout(timer);
  });
}
