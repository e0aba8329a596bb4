import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import { useLayoutEffect, useRef } from 'react';
import type { LogLine } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import styles from './ModuleLog.module.css';

// Scrolled up by more than this, the reader wants to stay there.
const NEAR_END_PX = 32;

/** Lines of a log, oldest first; stays at the end while the reader is there. */
export function LogLines(props: { name: string; lines: readonly LogLine[] }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { lines } = props;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);

  useLayoutEffect(() => {
    if (atEnd.current && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [lines]);

  if (lines.length === 0) {
    return <Text color="secondary">{t('logs.empty')}</Text>;
  }
  return (
    <div
      ref={box}
      className={styles.lines}
      role="log"
      aria-label={t('logs.label', { name: props.name })}
      // A log that is followed would talk all the time.
      aria-live="off"
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget }) => {
        atEnd.current =
          currentTarget.scrollHeight -
            currentTarget.scrollTop -
            currentTarget.clientHeight <
          NEAR_END_PX;
      }}
    >
      {lines.map(({ line, source, at }, index) => (
        <div
          // The same line may come twice; its place is all that tells them apart.
          key={index}
          className={styles.line}
          data-source={source}
          title={at}
        >
          {source === 'runner' && (
            <span className={styles.source}>{t('logs.runner')} </span>
          )}
          {line}
        </div>
      ))}
    </div>
  );
}
