namespace NexusGen.Hub;

/// <summary>Counts the bytes and files of a pull. Thread-safe.</summary>
internal sealed class PullCount(PullPlan plan, IProgress<PullProgress>? progress)
{
    private readonly Lock _gate = new();
    private long _bytes;
    private int _files;

    /// <summary>Adds bytes of a file; fewer than none, if they are fetched again.</summary>
    public void Add(PullFile file, long bytes)
    {
        lock (_gate)
        {
            _bytes += bytes;
            Tell(file);
        }
    }

    /// <summary>Counts a file that is in its place.</summary>
    public void Finish(PullFile file)
    {
        lock (_gate)
        {
            _files++;
            Tell(file);
        }
    }

    private void Tell(PullFile file) =>
        progress?.Report(new PullProgress(_bytes, plan.Bytes, _files, plan.Files.Count, file.Path));
}
