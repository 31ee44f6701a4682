using NexusGen.Core;

namespace NexusGen.Lora;

/// <summary>The exception when a LoRA file can't be used.</summary>
/// <param name="path">The path of the file or folder.</param>
/// <param name="reason">Why; the message is that of this exception.</param>
internal sealed class LoraException(string path, NexusGenException reason) : NexusGenException(reason.Message, reason)
{
    /// <summary>
    /// Gets the message with the name of the file in place of its path, for callers that must not learn the folders of the
    /// machine.
    /// </summary>
    public string MessageWithoutFolder =>
        Path.GetDirectoryName(path) is { Length: > 0 } folder
            ? Message.Replace(
                Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
            : Message;
}
