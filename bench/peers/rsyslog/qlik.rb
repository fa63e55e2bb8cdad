version=2
rule=:%type:char-to{"extradata":";"}%;%host:char-to{"extradata":";"}%;%command:char-to{"extradata":";"}%;%directory:char-to{"extradata":";"}%;%user:char-to{"extradata":";"}%;%origin:char-to{"extradata":";"}%;%context:char-to{"extradata":";"}%;%message:rest%
