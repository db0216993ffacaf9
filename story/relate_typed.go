package story

import (
	"slices"
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/entity"
)

// typed derives the ties that only the evidence itself shows: parents of
// processes, ends of connections, senders of mails, who opened a link.
func (s *scene) typed() {
	found := s.byItem[s.at]
	if found == nil {
		found = &findings{}
	}
	if found.family == "" {
		found.family = s.a.ThreatFamilyName
	}
	for i, ev := range s.evidence {
		if ev == nil {
			continue
		}
		s.remediation(i, ev.Base(), found)
		switch e := ev.(type) {
		case *alert.DeviceEvidence:
			s.device(i, e)
		case *alert.ProcessEvidence:
			s.process(i, e)
		case *alert.FileEvidence:
			s.file(i, e)
		case *alert.NetworkConnectionEvidence:
			s.connection(e)
		case *alert.AnalyzedMessageEvidence:
			s.message(i, e)
		case *alert.HostLogonSessionEvidence:
			s.tie(firstOf(s.of(entity.User)), firstOf(s.of(entity.Device)), SignedIn)
		case *alert.MalwareEvidence:
			if found.family == "" {
				found.family = e.Name
			}
		}
	}
	s.clicks()
	if len(found.stopped) > 0 || found.family != "" {
		s.byItem[s.at] = found
	}
}

func (s *scene) remediation(i int, b *alert.EvidenceBase, found *findings) {
	switch b.RemediationStatus {
	case alert.RemediationStatusBlocked, alert.RemediationStatusPrevented, alert.RemediationStatusRemediated:
		for _, m := range s.ms {
			if m.evidence == i && !m.kind.Asset() && !slices.Contains(found.stopped, m.thing) {
				found.stopped = append(found.stopped, m.thing)
				break
			}
		}
	}
}

// device ties a device to its addresses where alerts are about them too.
func (s *scene) device(i int, e *alert.DeviceEvidence) {
	dev := s.in(i, entity.Device)
	for _, address := range append([]string{e.LastIPAddress}, e.IPInterfaces[:min(len(e.IPInterfaces), 8)]...) {
		s.tie(dev, s.called(entity.IP, address), Owns)
	}
}

func (s *scene) process(i int, e *alert.ProcessEvidence) {
	child := s.in(i, entity.Process)
	if child < 0 {
		return
	}
	if e.ParentProcessImageFile != nil {
		s.parent(child, e)
	}
	if e.ImageFile == nil {
		return
	}
	s.tie(s.called(entity.File, e.ImageFile.FileName), child, Ran)
	// The program's own file, where the alert lists it under another name.
	for j, ev := range s.evidence {
		f, ok := ev.(*alert.FileEvidence)
		if ok && f.FileDetails != nil && sameFile(f.FileDetails, e.ImageFile) {
			s.tie(s.in(j, entity.File), child, Ran)
		}
	}
}

func (s *scene) parent(child int32, e *alert.ProcessEvidence) {
	for j, ev := range s.evidence {
		p, ok := ev.(*alert.ProcessEvidence)
		if ok && p != e && p.ProcessID != 0 && p.ProcessID == e.ParentProcessID && p.MDEDeviceID == e.MDEDeviceID {
			s.tie(s.in(j, entity.Process), child, Started)
			return
		}
	}
	name := strings.ToLower(e.ParentProcessImageFile.FileName)
	for _, m := range s.ms {
		if m.evidence < 0 && m.kind == entity.Process && m.thing != child && name != "" &&
			strings.Contains(strings.ToLower(s.things[m.thing].Label), name) {
			s.tie(m.thing, child, Started)
			return
		}
	}
}

func sameFile(a, b *alert.FileDetails) bool {
	switch {
	case a.SHA256 != "" && b.SHA256 != "":
		return strings.EqualFold(a.SHA256, b.SHA256)
	case a.SHA1 != "" && b.SHA1 != "":
		return strings.EqualFold(a.SHA1, b.SHA1)
	}
	return a.FileName != "" && strings.EqualFold(a.FileName, b.FileName) && strings.EqualFold(a.FilePath, b.FilePath)
}

// file: what a process of the alert made, or a library that it loaded.
func (s *scene) file(i int, e *alert.FileEvidence) {
	f, roles := s.in(i, entity.File), e.Roles
	procs := s.of(entity.Process)
	if f < 0 || len(procs) == 0 {
		return
	}
	switch {
	case slices.Contains(roles, alert.RoleCreated) || slices.Contains(roles, alert.RoleEdited):
		if s.ties[tie{f, procs[0], Ran}] == nil {
			s.tie(procs[0], f, Wrote)
		}
	case slices.Contains(roles, alert.RoleLoaded):
		s.tie(f, procs[0], Ran)
	}
}

func (s *scene) connection(e *alert.NetworkConnectionEvidence) {
	if e.SourceAddress == nil || e.DestinationAddress == nil {
		return
	}
	from, to := s.called(entity.IP, e.SourceAddress.IPAddress), s.called(entity.IP, e.DestinationAddress.IPAddress)
	if from < 0 {
		from = firstOf(s.of(entity.Process), s.of(entity.Device))
	}
	if to < 0 {
		to = firstOf(without(s.of(entity.Device), s.of(entity.Device, alert.RoleSource)))
	}
	s.tie(from, to, Connected)
}

func (s *scene) message(i int, e *alert.AnalyzedMessageEvidence) {
	m := s.in(i, entity.Mail)
	if m < 0 {
		return
	}
	if e.SenderIP != "" {
		s.tie(s.called(entity.IP, e.SenderIP), m, Sent)
	}
	if e.P2Sender != nil && e.P2Sender.EmailAddress != "" && !strings.EqualFold(e.P2Sender.EmailAddress, e.RecipientEmailAddress) {
		for _, u := range s.of(entity.User, alert.RoleCompromised, alert.RolePolicyViolator) {
			if strings.EqualFold(s.things[u].Label, e.P2Sender.EmailAddress) || s.hasAddress(u, e.P2Sender.EmailAddress) {
				s.tie(u, m, Sent)
			}
		}
	}
	if e.P2Sender != nil {
		s.tie(s.called(entity.Mail, e.P2Sender.EmailAddress), m, Sent)
	}
	if to := s.called(entity.Mailbox, e.RecipientEmailAddress); to >= 0 {
		s.tie(m, to, Received)
	}
}

// hasAddress reports whether the alert's evidence names the user by address.
func (s *scene) hasAddress(u int32, address string) bool {
	for _, m := range s.ms {
		if m.thing != u || m.evidence < 0 || m.evidence >= len(s.evidence) {
			continue
		}
		if e, ok := s.evidence[m.evidence].(*alert.UserEvidence); ok && e.UserAccount != nil && strings.EqualFold(e.UserAccount.UserPrincipalName, address) {
			return true
		}
	}
	return false
}

// clicks: a technique of user execution ties the person to the link.
func (s *scene) clicks() {
	opened := slices.ContainsFunc(s.a.MITRETechniques, func(t string) bool { return strings.HasPrefix(t, "T1204.001") })
	if !opened {
		return
	}
	users, urls := s.of(entity.User), s.of(entity.URL)
	if len(users) == 0 {
		return
	}
	for _, u := range urls {
		s.tie(users[0], u, Clicked)
		for _, m := range s.own(entity.Mail) {
			s.tie(m, u, Contains)
		}
	}
}
