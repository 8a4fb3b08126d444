// One result: the picture, what was done, and what can be done with it.

import { deliveryUrl } from '../../api/delivery.js';
import { uploadImage } from '../../api/images.js';
import { getOutput, getTask, taskThumbnail } from '../../api/tasks.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { PresetDialog } from '../../components/preset_dialog.js';
import { Failure, Loading } from '../../components/states.js';
import { problemSentence, sentence } from '../../i18n/errors.js';
import { formatBytes, formatTime, t } from '../../i18n/index.js';
import { add, deleteLater, known } from '../../state/gallery.js';
import { editAddress } from '../../state/route.js';
import { toast } from '../../state/toasts.js';
import { html, useEffect, useSignal } from '../../vendor/preact.js';
import { Status } from './grid.js';
import { stepsText } from './steps_text.js';

/** @typedef {import('../../api/tasks.js').Task} Task */
const SHOWN_BY_BROWSERS = ['jpeg', 'png', 'webp', 'gif', 'avif', 'svg'];

/** @param {{id: string, onClose: () => void}} props */
export function TaskDetails({ id, onClose }) {
  const error = useSignal(/** @type {unknown} */ (null));
  const read = () => getTask(id).then(add, (failure) => (error.value = failure)); // with a fresh link
  useEffect(() => void read(), [id]);
  const task = known.value.get(id);
  const title = task?.output?.file_name ?? t('gallery.task');
  return html`
    <${Dialog} title=${title} wide onClose=${onClose}>
      ${error.value && html`<${Failure} error=${error.value} onRetry=${read} />`}
      ${!task && !error.value && html`<${Loading} />`}
      ${task && html`<${Body} task=${task} onClose=${onClose} />`}
    <//>
  `;
}

/** @param {{task: Task, onClose: () => void}} props */
function Body({ task, onClose }) {
  const { output, error, status } = task;
  return html`
    ${output && html`<${Picture} task=${task} />`}
    ${status !== 'succeeded' && html`<p><${Status} status=${status} /></p>`}
    ${status === 'failed' && error && html`
      <div class="notice bad"><div><p>${problemSentence(error.code, { detail: error.detail })}</p><p class="small">${error.detail}</p></div></div>
    `}
    ${task.warnings?.map(({ code, path, message }) => html`<p class="notice" key=${code + path}>${problemSentence(code, { detail: message })}</p>`)}
    <dl class="facts">
      ${output && html`<dt>${t('details.size')}</dt><dd>${output.width} × ${output.height}, ${output.format.toUpperCase()}, ${formatBytes(output.bytes)}</dd>`}
      <dt>${t('details.steps')}</dt><dd>${task.preset ?? ''} ${stepsText(task.pipeline) || t('details.no_steps')}</dd>
      <dt>${t('details.created')}</dt><dd>${formatTime(task.created_at)}</dd>
      ${task.expires_at && html`<dt>${t('details.expires')}</dt><dd>${formatTime(task.expires_at)}</dd>`}
    </dl>
    <${Actions} task=${task} onClose=${onClose} />
  `;
}

/** @param {{task: Task}} props */
function Picture({ task }) {
  const { output } = task;
  if (!output) return null;
  const ratio = output.width / output.height;
  const style = { aspectRatio: ratio, width: `min(100%, ${output.width}px, calc(60dvh * ${ratio}))` };
  const url = SHOWN_BY_BROWSERS.includes(output.format) ? output.url : taskThumbnail(task.task_id);
  return html`<img class="whole-picture" style=${style} src=${url} alt=${output.file_name} />`;
}

/** @param {{task: Task, onClose: () => void}} props */
function Actions({ task, onClose }) {
  const isBusy = useSignal(false);
  const hasPresets = useSignal(false);
  const { output, image_id: imageId, pipeline, output_options: options } = task;
  const attempt = async (/** @type {() => Promise<unknown>} */ act) => {
    isBusy.value = true;
    await act().catch((error) => toast(sentence(error)));
    isBusy.value = false;
  };
  const remove = () => (onClose(), deleteLater('tasks', [task.task_id]));
  const apply = (/** @type {import('../../api/presets.js').Preset} */ preset) =>
    (location.hash = editAddress(imageId ?? '', preset.pipeline, preset.output_options));
  return html`
    <div class="row">
      ${output && html`<${Button} kind="primary" icon="download" href=${output.url} download=${output.file_name}>${t('details.download')}<//>`}
      ${imageId && html`<${Button} icon="edit" href=${editAddress(imageId, pipeline, options)}>${t('details.use_again')}<//>`}
      ${output && html`<${Button} icon="layers" disabled=${isBusy.value} onClick=${() => attempt(() => editOutput(task))}>${t('details.edit_output')}<//>`}
      ${output && html`<${Button} icon="link" onClick=${() => attempt(() => copyLink(task))}>${t('details.copy_link')}<//>`}
      ${imageId && output && html`<${Button} icon="link" disabled=${isBusy.value} onClick=${() => attempt(() => copyDelivery(task))}>${t('details.copy_delivery')}<//>`}
      ${imageId && html`<${Button} icon="plus" onClick=${() => (hasPresets.value = true)}>${t('presets.title')}<//>`}
      <${Button} kind="danger quiet" icon="trash" onClick=${remove}>${t('delete')}<//>
    </div>
    ${hasPresets.value && html`<${PresetDialog} pipeline=${pipeline} output=${options} onApply=${apply} onClose=${() => (hasPresets.value = false)} />`}
  `;
}

/** Makes the output a source of its own. @param {Task} task */
async function editOutput({ task_id: id, output }) {
  const content = await (await getOutput(id)).blob();
  const image = await uploadImage(content, output?.file_name ?? id, `output-${id}`, { signal: new AbortController().signal });
  location.hash = editAddress(image.image_id);
}

/** @param {Task} task */
async function copyLink({ task_id: id }) {
  const { output } = await getTask(id);
  await navigator.clipboard.writeText(output?.url ?? '');
  toast(t('details.link_copied', { until: formatTime(output?.url_expires_at ?? 0) }));
}

/** @param {Task} task */
async function copyDelivery({ image_id: imageId, pipeline, output_options: options }) {
  await navigator.clipboard.writeText(await deliveryUrl(imageId ?? '', pipeline, options));
  toast(t('details.delivery_copied'));
}
