using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Lora;
using NexusGen.Server.Configuration;

namespace NexusGen.Server.Loras;

/// <summary>
/// The folder whose files are LoRAs by name: a file's path within the folder without its extension, with <c>/</c> between
/// folders; for an adapter (PEFT), the path of its folder. Requests name them, and a name is never a path. The folder is searched
/// anew whenever it is asked for, so that files can come, change and go while the server runs; the headers of a file are read
/// once. Thread-safe.
/// </summary>
internal sealed partial class LoraFolder(IOptions<NexusGenServerOptions> options, ILogger<LoraFolder> logger)
{
    private readonly Lock _gate = new();
    private Dictionary<string, LoraEntry> _entries = new(StringComparer.Ordinal);
    private Dictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>Returns the LoRAs that the folder has now.</summary>
    public LoraNames Find()
    {
        if (options.Value.Loras is not { } folder)
        {
            return LoraNames.None;
        }

        lock (_gate)
        {
            LoraSearch search = LoraSearch.Of(folder);
            LoraEntry[] entries = [.. search.Found.Values.Select(Opened)];
            _entries = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
            Dictionary<string, string> skipped = search.Skipped;
            foreach (LoraEntry broken in entries.Where(entry => entry.Problem is not null))
            {
                skipped[broken.Name] = broken.Problem!;
            }

            Tell(skipped);
            return new LoraNames(entries);
        }
    }

    // What was read of a file before is still right unless the file was replaced.
    private LoraEntry Opened(LoraEntry found)
    {
        if (_entries.TryGetValue(found.Name, out LoraEntry? known) && known.Path == found.Path && known.Stamp == found.Stamp)
        {
            return known;
        }

        try
        {
            return found with { IsForLanguageModel = LoraFile.IsForLanguageModel(found.Path) };
        }
        catch (NexusGenException e)
        {
            return found with { Problem = new LoraException(found.Path, e).MessageWithoutFolder };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return found with { Problem = "Its file can't be read." };
        }
    }

    // Once, until the reason changes.
    private void Tell(Dictionary<string, string> skipped)
    {
        foreach ((string name, string reason) in skipped)
        {
            if (_told.GetValueOrDefault(name) != reason)
            {
                // A name comes from the file system, which allows line breaks in it.
                string line = string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));
                NotOffered(logger, reason == LoraSearch.Hidden ? LogLevel.Information : LogLevel.Warning, line, reason);
            }
        }

        _told = skipped;
    }

    [LoggerMessage(Message = "{Name} in the folder of the LoRAs is not offered: {Reason}")]
    private static partial void NotOffered(ILogger logger, LogLevel level, string name, string reason);
}
