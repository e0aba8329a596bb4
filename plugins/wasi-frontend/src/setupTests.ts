import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// A busy machine makes these tests slow, not wrong.
jest.setTimeout(60_000);
configure({ asyncUtilTimeout: 15_000 });
