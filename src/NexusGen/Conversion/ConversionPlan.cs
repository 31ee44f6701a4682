using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NexusGen.Conversion;

/// <summary>What a conversion will write. It keeps the old files open, and must be disposed.</summary>
internal sealed class ConversionPlan : IDisposable
{
    // Changes whenever the same weights are written in other bytes, so that an older beginning is not continued.
    private const int Version = 1;

    private readonly IReadOnlyList<IDisposable> _owned;

    /// <summary>Initializes a plan.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isFolder">Whether the output is a folder.</param>
    /// <param name="files">The new files.</param>
    /// <param name="copies">The files that are copied: from, and the path in the output.</param>
    /// <param name="sources">The paths of the weight files that are read.</param>
    /// <param name="owned">What the plan owns.</param>
    public ConversionPlan(
        ConversionRequest request,
        bool isFolder,
        ImmutableArray<PlannedFile> files,
        ImmutableArray<(string From, string To)> copies,
        IEnumerable<string> sources,
        IReadOnlyList<IDisposable> owned)
    {
        Request = request;
        IsFolder = isFolder;
        Files = files;
        Copies = copies;
        Sources = [.. sources.Distinct().Order(StringComparer.Ordinal).Select(SourceFile.Of)];
        _owned = owned;
        Output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Output));
        Folder = isFolder ? Output : Path.GetDirectoryName(Output)!;
        Fingerprint = MakeFingerprint();
    }

    /// <summary>Gets the request.</summary>
    public ConversionRequest Request { get; }

    /// <summary>Gets whether the output is a folder; otherwise, it is one file, with at most one beside it.</summary>
    public bool IsFolder { get; }

    /// <summary>Gets the full path of the output.</summary>
    public string Output { get; }

    /// <summary>Gets the folder to which the paths of the files are relative.</summary>
    public string Folder { get; }

    /// <summary>Gets the folder in which the output grows.</summary>
    public string Work => Output + ".nexusgen.incomplete";

    /// <summary>Gets the new files.</summary>
    public ImmutableArray<PlannedFile> Files { get; }

    /// <summary>Gets the files that are copied.</summary>
    public ImmutableArray<(string From, string To)> Copies { get; }

    /// <summary>Gets the weight files that are read.</summary>
    public ImmutableArray<SourceFile> Sources { get; }

    /// <summary>Gets what distinguishes this conversion from others: sources, type, the bytes before the tensors.</summary>
    public string Fingerprint { get; }

    /// <summary>Gets the number of bytes of the files that are read.</summary>
    public long BytesBefore => Sources.Sum(file => file.Length);

    /// <summary>Gets the number of bytes of the files that are made.</summary>
    public long BytesAfter => Files.Sum(file => file.Length);

    /// <summary>Gets the number of bytes that are written, copies included.</summary>
    public long BytesToWrite => BytesAfter + Copies.Sum(copy => Math.Max(SourceFile.Of(copy.From).Length, 0));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }
    }

    private string MakeFingerprint()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Version}\n{Request.Type.Name}\n");
        foreach (SourceFile file in Sources)
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Path}\n{file.Length}\n{file.Changed.Ticks}\n");
        }

        foreach (var lora in Request.Loras)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Path.GetFullPath(lora.Path)}={lora.Strength:R}\n");
        }

        foreach (PlannedFile file in Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Path}\n{file.Length}\n");
            text.Append(Convert.ToHexString(SHA256.HashData(file.Header))).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
