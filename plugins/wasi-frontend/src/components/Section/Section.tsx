import { Card, CardBody, Text } from '@backstage/ui';
import { useId, type ReactNode } from 'react';
import styles from './Section.module.css';

/** One titled part of the page, a landmark for screen readers. */
export function Section(props: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  /** Takes the whole width where sections stand side by side. */
  wide?: boolean;
}) {
  const headingId = useId();
  return (
    <section
      aria-labelledby={headingId}
      className={props.wide ? styles.wide : styles.section}
    >
      <Card className={styles.card}>
        <CardBody className={styles.body}>
          <div className={styles.header}>
            <Text as="h3" variant="title-x-small" id={headingId}>
              {props.title}
            </Text>
            {props.actions}
          </div>
          {props.children}
        </CardBody>
      </Card>
    </section>
  );
}
