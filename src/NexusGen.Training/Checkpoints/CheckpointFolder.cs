using System.Globalization;
using NexusGen.Training.Core;
using NexusGen.Training.Distributed;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// The checkpoints of a training run: folders named <c>step-00001000</c>. A checkpoint is written under a temporary name that
/// begins with a dot and renamed once all of its files are on disk. Before it is deleted, it is renamed to such a name again. A
/// folder with the final name is therefore always complete.
/// </summary>
/// <param name="path">The folder that contains the checkpoints.</param>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-", Writing = ".writing-", Removing = ".removing-";

    /// <summary>Gets the folder that contains the checkpoints.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Gets the complete checkpoints, ordered by step.</summary>
    public IReadOnlyList<(long Step, string Path)> All =>
    [
        .. from folder in Directory.Exists(Path) ? Directory.GetDirectories(Path, $"{Prefix}*") : []
           let number = System.IO.Path.GetFileName(folder)[Prefix.Length..]
           where number.Length > 0 && number.All(char.IsAsciiDigit)
           let step = long.Parse(number, CultureInfo.InvariantCulture)
           orderby step
           select (step, folder),
    ];

    /// <summary>Gets the checkpoint with the most steps, or null if there is none.</summary>
    public string? Latest => All is [.., var last] ? last.Path : null;

    /// <summary>Gets the checkpoint with the lowest validation loss, or null if no checkpoint was validated.</summary>
    public (string Path, double Loss)? Best
    {
        get
        {
            (string Path, double Loss)? best = null;
            foreach ((_, string folder) in All)
            {
                TrainingState state = TrainingState.Read(System.IO.Path.Combine(folder, TrainingCheckpoint.StateName));
                if (state.ValidationLoss is { } loss && !(best?.Loss <= loss))
                {
                    best = (folder, loss);
                }
            }

            return best;
        }
    }

    /// <summary>Removes the temporary folders of a run that was killed while it wrote or deleted a checkpoint.</summary>
    public void RemoveLeftovers()
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        foreach (string folder in Directory.GetDirectories(Path, ".*"))
        {
            string name = System.IO.Path.GetFileName(folder);
            if (name.StartsWith(Writing, StringComparison.Ordinal) || name.StartsWith(Removing, StringComparison.Ordinal))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Returns the folder of a checkpoint, whether it exists or not.</summary>
    /// <param name="step">The checkpoint's step.</param>
    public string PathOf(long step) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:00000000}"));

    /// <summary>
    /// Adds a complete checkpoint, or none if an error occurs. All ranks write into the same folder, which gets its final name
    /// when all of them have written.
    /// </summary>
    /// <param name="step">The checkpoint's step. If there is already a checkpoint for it, nothing is written.</param>
    /// <param name="write">Writes the files into the given folder and flushes them.</param>
    /// <param name="collectives">The ranks that write the checkpoint, or null for one process.</param>
    /// <returns>The folder of the checkpoint.</returns>
    /// <exception cref="TrainingException">The checkpoint can't be written.</exception>
    public string Add(long step, Action<string> write, ICollectives? collectives = null)
    {
        collectives ??= SingleProcess.Instance;
        string target = PathOf(step), temporary = System.IO.Path.Combine(Path, Writing + System.IO.Path.GetFileName(target));
        if (collectives.Any(collectives.Rank == 0 && Directory.Exists(target)))
        {
            return target;
        }

        try
        {
            if (collectives.Rank == 0)
            {
                Directory.CreateDirectory(temporary);
            }

            collectives.Barrier();
            write(temporary);
            foreach (string folder in Directory.GetDirectories(temporary, "*", SearchOption.AllDirectories).Append(temporary))
            {
                DurableFolder.Flush(folder);
            }

            collectives.Barrier();
            if (collectives.Rank == 0)
            {
                Directory.Move(temporary, target);
                DurableFolder.Flush(Path);
            }

            collectives.Barrier();
            return target;
        }
        catch (Exception e)
        {
            Discard(temporary);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new TrainingException($"Can't write the checkpoint {target}: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Deletes all checkpoints except the last few and, optionally, the best one.</summary>
    /// <param name="last">The number of last checkpoints to keep.</param>
    /// <param name="best">Whether to keep the checkpoint with the lowest validation loss.</param>
    public void Thin(int last, bool best)
    {
        string? kept = best ? Best?.Path : null;
        foreach ((_, string folder) in All.SkipLast(last).Where(checkpoint => checkpoint.Path != kept))
        {
            string removing = System.IO.Path.Combine(Path, Removing + System.IO.Path.GetFileName(folder));
            Directory.Move(folder, removing);
            Directory.Delete(removing, recursive: true);
        }
    }

    private static void Discard(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The original exception is the one to report; the next start removes the folder.
        }
    }
}
