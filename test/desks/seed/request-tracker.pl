# Gives an empty Request Tracker a queue with our custom field, a user with the rights a connector needs, and its token.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT;

RT::LoadConfig();
RT::Init();
my $system = RT->SystemUser;

sub done_or_die {
    my ( $id, $message ) = @_;
    die "$message\n" unless $id;
    return $id;
}

my $queue = RT::Queue->new($system);
done_or_die( $queue->Create( Name => 'Devices' ) );

for my $name ( 'Rollcall Key', 'Device Key' ) {
    my $field = RT::CustomField->new($system);
    done_or_die( $field->Create( Name => $name, Type => 'Freeform', MaxValues => 1, LookupType => 'RT::Queue-RT::Ticket' ) );
    done_or_die( $field->AddToObject($queue) );
}

my $catalog = RT::Catalog->new($system);
done_or_die( $catalog->Create( Name => 'Devices' ) );
my $serial = RT::CustomField->new($system);
done_or_die( $serial->Create( Name => 'Serial Number', Type => 'Freeform', MaxValues => 1, LookupType => 'RT::Catalog-RT::Asset' ) );
done_or_die( $serial->AddToObject($catalog) );

for my $who ( [ 'rollcall', 1 ], [ 'alice', 0 ] ) {
    my ( $name, $is_connector ) = @$who;
    my $user = RT::User->new($system);
    done_or_die( $user->Create( Name => $name, EmailAddress => "$name\@desk.test", Privileged => 1 ) );
    my @rights = qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ModifyTicket CommentOnTicket ReplyToTicket OwnTicket
        SeeCustomField ModifyCustomField SetInitialCustomField);
    push @rights, 'DeleteTicket', 'TakeTicket' if !$is_connector;
    done_or_die( $user->PrincipalObj->GrantRight( Right => $_, Object => $queue ) ) for @rights;
    done_or_die( $user->PrincipalObj->GrantRight( Right => $_, Object => $catalog ) )
        for qw(ShowCatalog ShowAsset CreateAsset ModifyAsset SeeCustomField ModifyCustomField SetInitialCustomField);
    done_or_die( $user->PrincipalObj->GrantRight( Right => 'ManageAuthTokens', Object => RT->System ) );
    my ( $id, $message, $token ) = RT::AuthToken->new($system)->Create( Owner => $user->Id, Description => 'test' );
    done_or_die( $id, $message );
    open my $file, '>', "$ENV{TOKEN_FOLDER}/$name.token" or die $!;
    print $file $token;
    close $file;
}
