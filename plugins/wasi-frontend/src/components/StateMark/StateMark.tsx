import type { RemixiconComponentType } from '@remixicon/react';
import styles from './StateMark.module.css';

/** How a state is to be taken; its text and the outline of its icon say which it is. */
export type Tone = 'good' | 'bad' | 'notable' | 'moving' | 'plain';

/** A state, told by shape, text and colour. */
export function StateMark(props: {
  icon: RemixiconComponentType;
  tone: Tone;
  text: string;
  /** Where it is what the eye looks for first. */
  strong?: boolean;
}) {
  const { icon: Icon, strong } = props;
  return (
    <span
      className={strong ? `${styles.mark} ${styles.strong}` : styles.mark}
      data-tone={props.tone}
    >
      <Icon size={strong ? 18 : 16} aria-hidden className={styles.icon} />
      <span>{props.text}</span>
    </span>
  );
}
