import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { TextField } from '@backstage/ui';
import { wasiTranslationRef } from '../../translation';
import { eventFields, type EventDraft } from './eventDraft';
import styles from './RequestForm.module.css';

/** What a CloudEvent says of itself. */
export function CloudEventFields(props: {
  draft: EventDraft;
  /** Fields that are not written right. */
  invalid: readonly string[];
  onChange: (draft: EventDraft) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { draft, invalid } = props;
  return (
    <div className={styles.fields}>
      {eventFields.map(field => (
        <TextField
          key={field}
          label={t(`event.${field}`)}
          value={draft[field]}
          onChange={value => props.onChange({ ...draft, [field]: value })}
          isRequired={field === 'type' || field === 'source'}
          isInvalid={invalid.includes(field)}
          description={
            invalid.includes(field)
              ? t(`event.${field}Invalid`)
              : t(`event.${field}Hint`)
          }
          spellCheck="false"
        />
      ))}
    </div>
  );
}
