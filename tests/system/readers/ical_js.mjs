// What npm's ical.js finds in calendars and vCards: a line of JSON for each file that is named on a
// line of the standard input. Times are seconds since 1970. It must be run from where ical.js is
// installed.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { default: ICAL } = await import(
  pathToFileURL(`${process.cwd()}/node_modules/ical.js/dist/ical.js`));

const MOST_OCCURRENCES = 50;

const text = (component, name) => String(component.getFirstPropertyValue(name) ?? '');

const occurrences = (component, event) => {
  if (!event.isRecurring()) return [event.startDate.toUnixTime()];
  const found = [];
  const iterator = event.iterator();
  for (let next; found.length < MOST_OCCURRENCES && (next = iterator.next());) {
    found.push(next.toUnixTime());
  }
  return found;
};

const described = (component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    summary: event.summary ?? '',
    rule: text(component, 'rrule'),
    organizer: text(component, 'organizer'),
    attendees: component.getAllProperties('attendee').map((each) => each.getFirstValue()),
    starts: event.startDate.toUnixTime(),
    ends: event.endDate.toUnixTime(),
    occurrences: occurrences(component, event),
  };
};

const found = (file) => {
  const root = new ICAL.Component(ICAL.parse(readFileSync(file, 'utf8')));
  if (root.name === 'vcard') return { problems: [], name: text(root, 'fn') };
  ICAL.TimezoneService.reset();
  for (const zone of root.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  return { problems: [], events: root.getAllSubcomponents('vevent').map(described) };
};

for (const file of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  try {
    console.log(JSON.stringify(found(file)));
  } catch (error) {
    console.log(JSON.stringify({ problems: [String(error)] }));
  }
}
