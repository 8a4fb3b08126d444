// What `make vendor` joins into api/web/vendor/preact.js.
export { Fragment, createContext, createRef, h, render } from 'preact';
export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';
export { html } from 'htm/preact';
