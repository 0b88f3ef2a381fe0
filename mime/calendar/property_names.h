// The properties of appointments and meetings, by their numbers ([MS-OXOCAL] 2.2.1, [MS-OXPROPS]).
#pragma once

#include <cstdint>

namespace postern::mime {

// PSETID_Appointment
inline constexpr std::uint32_t PidLidAppointmentSequence = 0x8201;
inline constexpr std::uint32_t PidLidBusyStatus = 0x8205;
inline constexpr std::uint32_t PidLidLocation = 0x8208;
inline constexpr std::uint32_t PidLidAppointmentStartWhole = 0x820D;
inline constexpr std::uint32_t PidLidAppointmentEndWhole = 0x820E;
inline constexpr std::uint32_t PidLidAppointmentDuration = 0x8213;
inline constexpr std::uint32_t PidLidAppointmentSubType = 0x8215;
inline constexpr std::uint32_t PidLidAppointmentRecur = 0x8216;
inline constexpr std::uint32_t PidLidAppointmentStateFlags = 0x8217;
inline constexpr std::uint32_t PidLidRecurring = 0x8223;
inline constexpr std::uint32_t PidLidIntendedBusyStatus = 0x8224;
inline constexpr std::uint32_t PidLidExceptionReplaceTime = 0x8228;
inline constexpr std::uint32_t PidLidTimeZoneStruct = 0x8233;
inline constexpr std::uint32_t PidLidTimeZoneDescription = 0x8234;
inline constexpr std::uint32_t PidLidAppointmentProposedStartWhole = 0x8250;
inline constexpr std::uint32_t PidLidAppointmentProposedEndWhole = 0x8251;
inline constexpr std::uint32_t PidLidAppointmentCounterProposal = 0x8257;
inline constexpr std::uint32_t ZoneDefinitionStartDisplay = 0x825E;
inline constexpr std::uint32_t ZoneDefinitionEndDisplay = 0x825F;
inline constexpr std::uint32_t ZoneDefinitionRecur = 0x8260;
// PSETID_Common
inline constexpr std::uint32_t PidLidReminderDelta = 0x8501;
inline constexpr std::uint32_t PidLidReminderSet = 0x8503;
// PSETID_Meeting
inline constexpr std::uint32_t PidLidGlobalObjectId = 0x0003;
inline constexpr std::uint32_t PidLidIsRecurring = 0x0005;
inline constexpr std::uint32_t PidLidCleanGlobalObjectId = 0x0023;
inline constexpr std::uint32_t PidLidAttendeeCriticalChange = 0x0001;
inline constexpr std::uint32_t PidLidWhere = 0x0002;
inline constexpr std::uint32_t PidLidStartRecurrenceTime = 0x000E;
inline constexpr std::uint32_t PidLidOwnerCriticalChange = 0x001A;

// PidLidAppointmentStateFlags
inline constexpr std::int32_t state_is_meeting = 0x1;
inline constexpr std::int32_t state_is_received = 0x2;
inline constexpr std::int32_t state_is_cancelled = 0x4;

}  // namespace postern::mime
