/* What libical finds in calendars: a line of JSON for each file that is named on a line of the
   standard input. Times are seconds since 1970. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OCCURRENCES = 50, LONGEST_PATH = 4096 };

static void print_text(const char *text) {
  putchar('"');
  for (; text != NULL && *text != '\0'; ++text) {
    const unsigned char octet = (unsigned char)*text;
    if (octet == '"' || octet == '\\') {
      printf("\\%c", octet);
    } else if (octet < ' ') {
      printf("\\u%04x", octet);
    } else {
      putchar(octet);
    }
  }
  putchar('"');
}

static void print_errors(icalcomponent *calendar) {
  const char *separator = "";
  printf("\"problems\":[");
  icalrestriction_check(calendar);
  for (icalcompiter at = icalcomponent_begin_component(calendar, ICAL_ANY_COMPONENT);
       icalcompiter_deref(&at) != NULL; icalcompiter_next(&at)) {
    icalcomponent *each = icalcompiter_deref(&at);
    for (icalproperty *error = icalcomponent_get_first_property(each, ICAL_XLICERROR_PROPERTY);
         error != NULL; error = icalcomponent_get_next_property(each, ICAL_XLICERROR_PROPERTY)) {
      printf("%s", separator);
      print_text(icalproperty_get_xlicerror(error));
      separator = ",";
    }
  }
  if (icalcomponent_count_errors(calendar) != 0 && *separator == '\0') printf("\"an error\"");
  printf("],");
}

static void print_people(icalcomponent *event) {
  icalproperty *organizer = icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY);
  const char *separator = "";
  printf("\"organizer\":");
  print_text(organizer == NULL ? "" : icalproperty_get_organizer(organizer));
  printf(",\"attendees\":[");
  for (icalproperty *at = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
       at != NULL; at = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY)) {
    printf("%s", separator);
    print_text(icalproperty_get_attendee(at));
    separator = ",";
  }
  printf("],");
}

struct found {
  long long times[MOST_OCCURRENCES];
  int count;
};

static void note(icalcomponent *event, struct icaltime_span *span, void *data) {
  struct found *found = data;
  (void)event;
  if (found->count < MOST_OCCURRENCES) found->times[found->count++] = span->start;
}

static void print_event(icalcomponent *event) {
  struct found found = {.count = 0};
  struct icaltimetype start = icalcomponent_get_dtstart(event);
  struct icaltimetype before = start;
  struct icaltimetype end = start;
  icaltime_adjust(&before, -1, 0, 0, 0);
  end.year += 60;
  icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
  printf("{\"uid\":");
  print_text(icalcomponent_get_uid(event));
  printf(",\"summary\":");
  print_text(icalcomponent_get_summary(event));
  printf(",\"rule\":");
  print_text(rule == NULL ? "" : icalproperty_get_value_as_string(rule));
  printf(",");
  print_people(event);
  printf("\"starts\":%lld,\"ends\":%lld,\"occurrences\":[",
         (long long)icaltime_as_timet_with_zone(start, icaltime_get_timezone(start)),
         (long long)icaltime_as_timet_with_zone(
             icalcomponent_get_dtend(event), icaltime_get_timezone(icalcomponent_get_dtend(event))));
  icalcomponent_foreach_recurrence(event, before, end, note, &found);
  for (int i = 0; i < found.count; ++i) printf("%s%lld", i == 0 ? "" : ",", found.times[i]);
  printf("]}");
}

static void print_calendar(char *text) {
  icalcomponent *calendar = icalparser_parse_string(text);
  if (calendar == NULL) {
    printf("{\"problems\":[\"no calendar\"]}\n");
    return;
  }
  printf("{");
  print_errors(calendar);
  printf("\"events\":[");
  const char *separator = "";
  for (icalcomponent *at = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
       at != NULL; at = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
    printf("%s", separator);
    print_event(at);
    separator = ",";
  }
  printf("]}\n");
  icalcomponent_free(calendar);
}

static char *text_of(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) exit(1);
  const long size = ftell(file);
  char *text = calloc((size_t)size + 1, 1);
  rewind(file);
  if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size) exit(1);
  fclose(file);
  return text;
}

int main(void) {
  static char path[LONGEST_PATH];
  while (fgets(path, sizeof path, stdin) != NULL) {
    path[strcspn(path, "\n")] = '\0';
    char *text = text_of(path);
    print_calendar(text);
    free(text);
  }
  return 0;
}
