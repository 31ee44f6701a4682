using System.Globalization;
using System.Text;

namespace NexusGen.Conversion;

/// <summary>
/// Records which tensors of a conversion are on the disk, so that an interrupted one goes on. While it is open, no other process
/// can convert into the same output.
/// </summary>
internal sealed class ConversionJournal : IDisposable
{
    private readonly FileStream _stream;

    private ConversionJournal(FileStream stream) => _stream = stream;

    /// <summary>Gets the errors of the tensors that are on the disk, by file and in order.</summary>
    public Dictionary<int, List<TensorError>> Done { get; } = [];

    /// <summary>Gets whether the journal of another conversion was discarded.</summary>
    public bool BeganAnew { get; private set; }

    /// <summary>Opens the journal of a conversion, or begins one. What another conversion left is deleted.</summary>
    /// <param name="plan">The conversion.</param>
    /// <exception cref="IOException">Another process converts into the same output, or the disk is full.</exception>
    public static ConversionJournal Open(ConversionPlan plan)
    {
        Directory.CreateDirectory(plan.Work);
        string path = PathOf(plan);
        var journal = new ConversionJournal(
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        try
        {
            journal.Read(plan);
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Returns the path of the journal.</summary>
    /// <param name="plan">The conversion.</param>
    public static string PathOf(ConversionPlan plan) => Path.Combine(plan.Work, ".journal");

    /// <summary>Records tensors. Their bytes must be on the disk.</summary>
    /// <param name="file">The number of the file.</param>
    /// <param name="errors">The errors of the tensors, which follow those that were recorded before.</param>
    public void Add(int file, IReadOnlyList<TensorError> errors)
    {
        if (errors.Count == 0)
        {
            return;
        }

        var lines = new StringBuilder();
        foreach (TensorError error in errors)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{file} {error.Difference:R} {error.Magnitude:R}\n");
        }

        _stream.Write(Encoding.ASCII.GetBytes(lines.ToString()));
        _stream.Flush(flushToDisk: true);
        Of(file).AddRange(errors);
    }

    /// <summary>Returns the errors of the recorded tensors of a file.</summary>
    /// <param name="file">The number of the file.</param>
    public List<TensorError> Of(int file) => Done.TryGetValue(file, out List<TensorError>? list) ? list : Done[file] = [];

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Read(ConversionPlan plan)
    {
        byte[] content = new byte[_stream.Length];
        _stream.ReadExactly(content);
        string text = Encoding.ASCII.GetString(content);

        // A line without its end was cut.
        string[] lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is [{ } first, ..] && first == plan.Fingerprint)
        {
            foreach (string line in lines.Skip(1))
            {
                string[] words = line.Split(' ');
                Of(int.Parse(words[0], CultureInfo.InvariantCulture)).Add(new TensorError(
                    double.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture)));
            }

            _stream.SetLength(text.LastIndexOf('\n') + 1);
            _stream.Seek(0, SeekOrigin.End);
            return;
        }

        BeganAnew = content.Length > 0;
        Clear(plan.Work);
        _stream.SetLength(0);
        _stream.Write(Encoding.ASCII.GetBytes(plan.Fingerprint + "\n"));
        _stream.Flush(flushToDisk: true);
    }

    private void Clear(string folder)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(folder).Where(entry => entry != _stream.Name))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }
    }
}
