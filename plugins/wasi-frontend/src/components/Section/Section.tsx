import { Box, Text } from '@backstage/ui';
import { useId, type ReactNode } from 'react';
import styles from './Section.module.css';

/**
 * One titled part of the page, a landmark for screen readers.
 *
 * Not a `Card`: that is an `article`, and a dozen without a name are noise.
 */
export function Section(props: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  /** Takes the whole width where sections stand side by side. */
  wide?: boolean;
}) {
  const headingId = useId();
  return (
    <Box
      as="section"
      bg="neutral"
      aria-labelledby={headingId}
      className={
        props.wide ? `${styles.section} ${styles.wide}` : styles.section
      }
    >
      <div className={styles.header}>
        <Text as="h3" variant="title-x-small" weight="bold" id={headingId}>
          {props.title}
        </Text>
        {props.actions}
      </div>
      {props.children}
    </Box>
  );
}
