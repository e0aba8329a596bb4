import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, ButtonIcon, Text, TextField } from '@backstage/ui';
import { RiAddLine, RiDeleteBinLine } from '@remixicon/react';
import { wasiTranslationRef } from '../../translation';
import styles from './EditModuleDialog.module.css';

/** The arguments of a module, one field each. */
export function ArgumentFields(props: {
  args: readonly string[];
  onChange: (args: string[]) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { args, onChange } = props;
  return (
    <>
      {args.length === 0 && (
        <Text variant="body-small">{t('edit.noArguments')}</Text>
      )}
      {args.map((argument, index) => (
        // Arguments have no identity of their own, and keep their fields by place.
        <div key={index} className={styles.argument}>
          <TextField
            aria-label={t('edit.argument', { index: String(index + 1) })}
            value={argument}
            onChange={value =>
              onChange(args.map((other, at) => (at === index ? value : other)))
            }
            spellCheck="false"
          />
          <ButtonIcon
            variant="tertiary"
            icon={<RiDeleteBinLine />}
            aria-label={t('edit.removeArgument', { index: String(index + 1) })}
            onPress={() => onChange(args.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button
          variant="secondary"
          size="small"
          iconStart={<RiAddLine />}
          onPress={() => onChange([...args, ''])}
        >
          {t('edit.addArgument')}
        </Button>
      </div>
    </>
  );
}
