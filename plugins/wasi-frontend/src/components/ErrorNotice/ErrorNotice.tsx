import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button } from '@backstage/ui';
import {
  catalogue,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { InlineCode } from '../InlineCode';
import styles from './ErrorNotice.module.css';

/** A failure with what to do about it; never drawn in place of data. */
export function ErrorNotice(props: {
  error: { code: WasiErrorCode; message: string; remedy: string };
  /** Instead of the catalogue's heading. */
  title?: string;
  /** What failed, before the catalogue's heading. */
  subject?: string;
  /** What this means for what else is on the page. */
  note?: string;
  status?: 'danger' | 'warning';
  onRetry?: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { code, message, remedy } = props.error;
  return (
    <div role="alert">
      <Alert
        status={props.status ?? 'danger'}
        icon
        title={
          props.title ??
          [props.subject, titleOf(code)].filter(Boolean).join(': ')
        }
        description={
          <span className={styles.description}>
            <span>
              <InlineCode text={message} />
            </span>
            <span>
              <InlineCode text={remedy} />
            </span>
            {props.note && <span>{props.note}</span>}
            <span className={styles.code}>{t('states.code', { code })}</span>
          </span>
        }
        customActions={
          props.onRetry && (
            <Button variant="secondary" size="small" onPress={props.onRetry}>
              {t('states.retry')}
            </Button>
          )
        }
      />
    </div>
  );
}

function titleOf(code: WasiErrorCode): string {
  // A newer backend may send a code that this page's catalogue lacks.
  return code in catalogue ? catalogue[code].title : code;
}
