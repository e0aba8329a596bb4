import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import { wasiTranslationRef } from '../../translation';
import styles from './DeploymentHistory.module.css';

/** To newer and older pages; nothing where there is one page alone. */
export function Pager(props: {
  page: number;
  isLast: boolean;
  onNewer: () => void;
  onOlder: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { page, isLast } = props;
  if (page === 1 && isLast) {
    return null;
  }
  return (
    <div className={styles.pager}>
      <Button
        variant="secondary"
        size="small"
        isDisabled={page === 1}
        onPress={props.onNewer}
      >
        {t('deployments.newer')}
      </Button>
      <Text variant="body-small" color="secondary">
        {t('deployments.page', { page: String(page) })}
      </Text>
      <Button
        variant="secondary"
        size="small"
        isDisabled={isLast}
        onPress={props.onOlder}
      >
        {t('deployments.older')}
      </Button>
    </div>
  );
}
