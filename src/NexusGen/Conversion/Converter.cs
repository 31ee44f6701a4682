using NexusGen.Core;
using NexusGen.Weights.Files;

namespace NexusGen.Conversion;

/// <summary>
/// Carries out a plan. The output grows in a folder beside it and gets its name when it is complete; an interrupted conversion
/// goes on after the last tensor that is on the disk, and its result has the same bytes.
/// </summary>
/// <param name="plan">The plan.</param>
internal sealed class Converter(ConversionPlan plan)
{
    // As much is written before it is brought to the disk and recorded.
    private const long FlushBytes = 256 << 20;

    private readonly TensorConversion _tensors = new();
    private bool _keepsWork;

    /// <summary>Gets what opens the files that are written; tests replace it.</summary>
    public Func<string, Stream> Open { get; init; } = path =>
        new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>Gets what returns the free bytes of the disk of a folder.</summary>
    public Func<string, long> FreeSpace { get; init; } = DiskSpace.Free;

    /// <summary>Refuses an output that exists.</summary>
    /// <exception cref="NexusGenException">The output exists.</exception>
    public void CheckOutput()
    {
        bool isEmpty = plan.IsFolder && Directory.Exists(plan.Output)
            && !Directory.EnumerateFileSystemEntries(plan.Output).Any();
        string? there = isEmpty ? null
            : Path.Exists(plan.Output) ? plan.Output
            : plan.IsFolder ? null
            : plan.Files.Select(file => Path.Combine(plan.Folder, file.Path)).FirstOrDefault(Path.Exists);
        if (there is not null)
        {
            string source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(plan.Request.Source));
            throw new NexusGenException(there == source || plan.Sources.Any(file => file.Path == there)
                ? $"--output {there} is what is to be converted; name another place."
                : $"{there} exists and is not replaced; delete it or name another place with --output.");
        }
    }

    /// <summary>Converts.</summary>
    /// <param name="progress">Receives the progress, or null.</param>
    /// <param name="cancellationToken">Stops; the next conversion goes on from there.</param>
    /// <exception cref="NexusGenException">
    /// The output exists, the disk has no room, a source can't be read, has changed, or has values that the type can't hold.
    /// </exception>
    public ConversionResult Run(IProgress<ConversionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        CheckOutput();
        try
        {
            return RunInWork(progress, cancellationToken);
        }
        catch (Exception e) when (e is NexusGenException or UnauthorizedAccessException or IOException)
        {
            // What can't become a whole takes no room; only an interruption leaves something to go on with.
            bool isBusy = e is IOException && IsBusy();
            if (!isBusy && !_keepsWork)
            {
                TryDelete(plan.Work);
            }

            throw e as NexusGenException ?? new WeightFileException(isBusy
                ? $"Another process converts into {plan.Output}; wait until it has finished."
                : $"The conversion into {plan.Output} failed, and nothing is left of it: {e.Message.TrimEnd('.')}.",
                e);
        }
    }

    private ConversionResult RunInWork(IProgress<ConversionProgress>? progress, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<TensorError>> errors = [];
        long continued;
        bool beganAnew;
        using (var journal = ConversionJournal.Open(plan))
        {
            beganAnew = journal.BeganAnew;
            continued = plan.Files.Index().Sum(file => BytesDone(file.Item, journal.Of(file.Index).Count));
            CheckSpace(continued);
            var count = new ConversionCount(plan, progress);
            foreach ((int i, PlannedFile file) in plan.Files.Index())
            {
                WriteFile(i, file, journal, count, cancellationToken);
                errors.Add(journal.Of(i));
            }

            foreach ((string from, string to) in plan.Copies)
            {
                cancellationToken.ThrowIfCancellationRequested();
                string target = Path.Combine(plan.Work, to);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(from, target, overwrite: true);
            }

            CheckSources();
        }

        Commit();
        return new ConversionResult(errors, continued, beganAnew);
    }

    private void WriteFile(
        int number, PlannedFile file, ConversionJournal journal, ConversionCount count, CancellationToken cancellationToken)
    {
        string path = Path.Combine(plan.Work, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        List<TensorError> done = journal.Of(number), pending = [];
        using Stream stream = Open(path);
        if (stream.Length < BytesDone(file, done.Count))
        {
            throw new IOException($"{path} is shorter than its journal says; run the command again");
        }

        try
        {
            stream.SetLength(BytesDone(file, done.Count));
            stream.Seek(0, SeekOrigin.End);
            if (done.Count == 0)
            {
                stream.Write(file.Header);
            }

            count.Add(stream.Length, done.Count, file.Path);
            long unrecorded = 0;
            for (int i = done.Count; i < file.Tensors.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                stream.Write(new byte[file.Offsets[i] - stream.Position]);
                long start = stream.Position;
                pending.Add(_tensors.Run(file.Tensors[i], stream.Write, cancellationToken));
                unrecorded += stream.Position - start;
                count.Add(stream.Position - start, 1, file.Tensors[i].Name);
                if (unrecorded >= FlushBytes)
                {
                    Record();
                    unrecorded = 0;
                }
            }

            stream.Write(new byte[file.Length - stream.Position]);
            Record();
        }
        catch (OperationCanceledException)
        {
            Record();
            throw;
        }

        void Record()
        {
            (stream as FileStream)?.Flush(flushToDisk: true);
            journal.Add(number, pending);
            pending = [];
        }
    }

    // The end of the last whole tensor; nothing if there is none.
    private static long BytesDone(PlannedFile file, int tensors) =>
        tensors == 0 ? 0 : file.Offsets[tensors - 1] + file.Tensors[tensors - 1].ByteLength;

    private void CheckSpace(long done)
    {
        long needed = plan.BytesToWrite - done, free = FreeSpace(plan.Folder);
        if (needed > free)
        {
            _keepsWork = done > 0;
            throw new NexusGenException(
                $"The conversion takes {needed / 1e9:0.00} GB, but the disk of {plan.Folder} has room for {free / 1e9:0.00} GB "
                + "only: nothing was written. Make room, or name another disk with --output.");
        }
    }

    private void CheckSources()
    {
        if (plan.Sources.FirstOrDefault(file => SourceFile.Of(file.Path) != file) is { } changed)
        {
            throw new WeightFileException(
                $"{changed.Path} changed while it was converted: nothing was kept. Run the command again when it is finished.");
        }
    }

    private void Commit()
    {
        File.Delete(ConversionJournal.PathOf(plan));
        if (plan.IsFolder)
        {
            if (Directory.Exists(plan.Output))
            {
                // Only an empty one gets so far.
                Directory.Delete(plan.Output);
            }

            Directory.Move(plan.Work, plan.Output);
            return;
        }

        // The file that was named comes last: with it, everything is there.
        foreach (PlannedFile file in plan.Files.Reverse())
        {
            File.Move(Path.Combine(plan.Work, file.Path), Path.Combine(plan.Folder, file.Path), overwrite: false);
        }

        Directory.Delete(plan.Work, recursive: true);
    }

    private bool IsBusy()
    {
        try
        {
            string path = ConversionJournal.PathOf(plan);
            using FileStream? journal = File.Exists(path)
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None)
                : null;
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
