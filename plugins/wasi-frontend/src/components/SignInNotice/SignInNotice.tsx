import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button } from '@backstage/ui';
import { useWork, type SignIn } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { InlineCode } from '../InlineCode';
import styles from './SignInNotice.module.css';

/** What a cluster would show to the user's own token, and the way to it. */
export function SignInNotice(props: {
  to: SignIn;
  /** What the cluster is called on this page. */
  title: string;
  onSignIn: (cluster: string) => Promise<void>;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { work, start } = useWork();
  const { to, title } = props;
  const error = work.phase === 'failed' ? work.error : to.error;
  return (
    <div role="status">
      <Alert
        status={work.phase === 'failed' ? 'warning' : 'info'}
        icon
        title={t('signIn.title', { cluster: title })}
        description={
          <span className={styles.description}>
            <span>
              <InlineCode text={error.message} />
            </span>
            <span>
              <InlineCode text={error.remedy} />
            </span>
          </span>
        }
        customActions={
          <Button
            variant="secondary"
            size="small"
            isDisabled={work.phase === 'working'}
            onPress={() => start(() => props.onSignIn(to.cluster))}
          >
            {t('signIn.button', { cluster: title })}
          </Button>
        }
      />
    </div>
  );
}
