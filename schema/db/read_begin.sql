-- A reader, before a job: all of its statements see one state.
BEGIN
