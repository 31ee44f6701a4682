using System.Globalization;
using NexusGen.Training.Core;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// The checkpoints of a training: folders <c>step-00001000</c>. A folder is written under a name that begins with a dot and
/// renamed when all of it is on the disk; it is renamed back before it is removed. So what has its name is complete.
/// </summary>
/// <param name="path">The folder that holds them.</param>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-", Writing = ".writing-", Removing = ".removing-";

    /// <summary>The folder that holds them.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The complete checkpoints, by step.</summary>
    public IReadOnlyList<(long Step, string Path)> All =>
    [
        .. from folder in Directory.Exists(Path) ? Directory.GetDirectories(Path, $"{Prefix}*") : []
           let number = System.IO.Path.GetFileName(folder)[Prefix.Length..]
           where number.Length > 0 && number.All(char.IsAsciiDigit)
           let step = long.Parse(number, CultureInfo.InvariantCulture)
           orderby step
           select (step, folder),
    ];

    /// <summary>The one of the most steps; null where there is none.</summary>
    public string? Latest => All is [.., var last] ? last.Path : null;

    /// <summary>The one of the lowest validation loss; null where none was validated.</summary>
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

    /// <summary>Removes what a run left that was ended in the middle of writing or removing.</summary>
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

    /// <summary>Adds a checkpoint, whole or not at all.</summary>
    /// <param name="step">Its step; nothing is done where there is one.</param>
    /// <param name="write">Writes its files into a folder; they are flushed by then.</param>
    /// <returns>Its folder.</returns>
    /// <exception cref="TrainingException">The disk refuses.</exception>
    public string Add(long step, Action<string> write)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:00000000}");
        string target = System.IO.Path.Combine(Path, name), temporary = System.IO.Path.Combine(Path, Writing + name);
        if (Directory.Exists(target))
        {
            return target;
        }

        try
        {
            Directory.CreateDirectory(temporary);
            write(temporary);
            foreach (string folder in Directory.GetDirectories(temporary, "*", SearchOption.AllDirectories).Append(temporary))
            {
                DurableFolder.Flush(folder);
            }

            Directory.Move(temporary, target);
            DurableFolder.Flush(Path);
            return target;
        }
        catch (Exception e)
        {
            Discard(temporary);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new TrainingException($"The checkpoint {target} can't be written: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Removes all but the last few and perhaps the best.</summary>
    /// <param name="last">How many of the last to keep.</param>
    /// <param name="best">Whether to keep the one of the lowest validation loss.</param>
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
            // The first failure is the one to tell of; the next start cleans up.
        }
    }
}
