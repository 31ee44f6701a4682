using NexusGen.Hub.Core;
using NexusGen.Hub.Storage;

namespace NexusGen.Cli.Models;

/// <summary>
/// Computes the checksums of the files that are links into the cache of Hugging Face, where the name of a content is its
/// checksum.
/// </summary>
internal static class DeepCheck
{
    /// <summary>Returns the files whose content is another one, and the number of files with a known checksum.</summary>
    /// <param name="files">The files.</param>
    /// <param name="cancellationToken">Cancels between two pieces.</param>
    public static async Task<(IReadOnlyList<string> Wrong, int Checked)> RunAsync(
        IEnumerable<string> files, CancellationToken cancellationToken)
    {
        var caches = new HubCaches(HubSettings.FromEnvironment());
        List<string> wrong = [];
        int count = 0;
        foreach (string file in files)
        {
            if (caches.BlobOf(file) is not { } blob || Path.GetFileName(blob) is not { Length: 40 or 64 } checksum)
            {
                continue;
            }

            count++;
            if (!await FileChecksum.MatchesAsync(blob, null, checksum, cancellationToken))
            {
                wrong.Add(file);
            }
        }

        return (wrong, count);
    }
}
