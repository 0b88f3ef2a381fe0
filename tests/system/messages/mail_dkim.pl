# Verifies the first RSA signature of each message with Debian's Mail::DKIM and prints its result:
#   perl mail_dkim.pl 'TXT record' MESSAGE...
use strict;
use warnings;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

my $record = shift;
no warnings 'redefine';
*Mail::DKIM::DNS::query = sub {
  my $name = shift;
  return Net::DNS::RR->new(owner => $name, type => 'TXT', txtdata => [$record =~ /.{1,250}/g]);
};
for my $path (@ARGV) {
  my $verifier = Mail::DKIM::Verifier->new;
  open(my $message, '<:raw', $path) or die "$path: $!";
  $verifier->load($message);
  my ($signature) = grep { $_->algorithm eq 'rsa-sha256' } $verifier->signatures;
  print $signature ? $signature->result_detail : 'no RSA signature', "\n";
}
