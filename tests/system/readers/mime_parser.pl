# What Perl's MIME::Parser finds in mails: a line of JSON for each file that is named on a line of
# the standard input.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Encode qw(decode);
use JSON::PP;
use MIME::Parser;

my $json = JSON::PP->new->utf8->canonical;

# Reports are leaves without content: some readers read their fields as parts.
sub tree_of {
    my ($entity) = @_;
    my $node = {type => lc $entity->effective_type};
    if (my @parts = $entity->parts) {
        $node->{parts} = [map { tree_of($_) } @parts];
    } elsif ($node->{type} !~ m{^message/}) {
        my $octets = $entity->bodyhandle->as_string;
        my $name = $entity->head->recommended_filename;
        $node->{name} = defined $name ? $name : '';
        $node->{sha256} = sha256_hex($octets);
        $octets =~ s/\r//g;
        $octets =~ s/\n+\z//;
        $node->{lines} = sha256_hex($octets);
    }
    return $node;
}

sub text_field {
    my ($head, $name) = @_;
    my $value = $head->get($name);
    return '' unless defined $value;
    $value =~ s/\r?\n[ \t]/ /g;
    $value =~ s/\s+\z//;
    return decode('MIME-Header', $value);
}

while (my $path = <STDIN>) {
    chomp $path;
    my $parser = MIME::Parser->new;
    $parser->output_to_core(1);
    $parser->tmp_to_core(1);
    $parser->extract_nested_messages(1);
    $parser->decode_headers(0);
    my $entity = eval { $parser->parse_open($path) };
    my $results = $parser->results;
    my $found = {file => $path, problems => [$results->errors, $results->warnings]};
    if ($entity) {
        $found->{subject} = text_field($entity->head, 'Subject');
        $found->{tree} = tree_of($entity);
    } else {
        push @{$found->{problems}}, "no message: $@";
    }
    print $json->encode($found), "\n";
}
