// Types of preact.js, for `make check`; not served.
import type { VNode } from 'preact';
export { Fragment, createContext, createRef, h, render } from 'preact';
export type { ComponentChildren, VNode } from 'preact';
export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';
export type { ReadonlySignal, Signal } from '@preact/signals';
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
