using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>
/// Computes the embeddings of a negative prompt. Those of the empty prompt, by far the most common one, are computed once and
/// stored in the model folder, or in a cache folder if the model folder is not writable. T5 (9.5 GB) is therefore opened only for
/// a non-empty prompt, and a model can ship the stored embeddings instead of CLIP and T5.
/// </summary>
/// <param name="files">The files of the model.</param>
/// <param name="options">The loading options of the encoders.</param>
/// <param name="cacheFolder">The fallback folder for stored embeddings, or null for none.</param>
/// <param name="budget">The memory budget of an encoder in bytes. Blocks that don't fit are read when they are needed.</param>
internal sealed class FluxTextEncoders(
    ModelFiles files,
    LoadOptions options,
    string? cacheFolder = null,
    long budget = long.MaxValue)
{
    /// <summary>The number of T5 tokens in the context of FLUX.</summary>
    public const int T5Tokens = 512;

    private const string Identity = "identity";

    /// <summary>Gets whether the embeddings of the empty prompt are stored after they were computed.</summary>
    public bool Stores { get; init; } = true;

    /// <summary>
    /// Gets whether special tokens in a text are tokens, see <see cref="NexusGenOptions.ParseSpecialTokens"/>.
    /// </summary>
    public bool ParseSpecialTokens { get; init; }

    /// <summary>
    /// Gets whether the model has the weights of CLIP and T5. Folders that contain only configurations don't count.
    /// </summary>
    public bool HasEncoders => CheckpointNames.HasWeights(files.Paths.Clip) && CheckpointNames.HasWeights(files.Paths.T5);

    /// <summary>Returns the embeddings of a text. The caller owns them and must dispose them.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="NexusGenException">The model has no text encoders, or they can't be read.</exception>
    public PromptEmbeddings Encode(string text) => text.Length > 0 ? Compute(text) : ReadEmpty() ?? ComputeEmpty();

    /// <summary>Computes the embeddings of a text, ignoring stored ones. The caller owns them and must dispose them.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="NexusGenException">The model has no text encoders, or they can't be read.</exception>
    public PromptEmbeddings Compute(string text)
    {
        RequireEncoders(text);
        using var scope = NewDisposeScope();
        Tensor clipIds = Row(files.ClipTokenizer.Encode(text, ParseSpecialTokens));
        Tensor t5Ids = Row(files.T5Tokenizer.Encode(text, T5Tokens, pad: true, ParseSpecialTokens));
        Tensor pooled = Run(files.ClipPart, (encoder, device) => encoder.Forward(clipIds.to(device)));
        Tensor context = Run(files.T5Part, (encoder, device) => encoder.Forward(t5Ids.to(device)));
        return new PromptEmbeddings(pooled.DetachFromDisposeScope(), context.DetachFromDisposeScope());
    }

    /// <summary>Checks that the model has text encoders.</summary>
    /// <param name="text">The text to encode, for the error message.</param>
    /// <exception cref="NexusGenException">The model has no text encoders.</exception>
    public void RequireEncoders(string text)
    {
        if (!HasEncoders)
        {
            throw new NexusGenException(
                $"The model in {files.Paths.Root} has no text encoders ({files.Paths.Clip}, {files.Paths.T5}), "
                + (text.Length > 0
                    ? "so it supports only an empty negative prompt; omit the negative prompt or add them."
                    : "and the embeddings of the empty prompt that could replace them "
                        + $"({files.Paths.EmptyPrompt}) are missing or belong to another model."));
        }
    }

    private PromptEmbeddings ComputeEmpty()
    {
        PromptEmbeddings computed = Compute("");
        if (Stores)
        {
            StoreEmpty(computed);
        }

        return computed;
    }

    // The encoder is unloaded as soon as it has run.
    private Tensor Run<T>(ModelPart<T> part, Func<T, Device, Tensor> forward)
        where T : Module
    {
        using T encoder = part.Load(options, budget);
        return forward(encoder, options.Placement.Device).to(CPU);
    }

    /// <summary>
    /// Reads the stored embeddings of the empty prompt, or returns null if there are none that match the model. The caller owns
    /// them and must dispose them.
    /// </summary>
    public PromptEmbeddings? ReadEmpty()
    {
        foreach (string path in Candidates())
        {
            using ITensorStore? opened = Open(path);
            if (opened is not { } store)
            {
                continue;
            }

            // A model without text encoders can ship a context with fewer tokens than T5 produces.
            bool fits = Fits(store, "pooled", [1, files.Configuration.Flux.VecInDim])
                && Fits(store, "context", [1, HasEncoders ? T5Tokens : Tokens(store), files.Configuration.Flux.ContextInDim]);

            // Without text encoders there is nothing to compare with, so the shipped embeddings are trusted.
            bool current = !HasEncoders || store.Metadata.GetValueOrDefault(Identity) == IdentityOf(options);
            if (fits && current)
            {
                return new PromptEmbeddings(
                    store.Read(store.Entries["pooled"]).DetachFromDisposeScope(),
                    store.Read(store.Entries["context"]).DetachFromDisposeScope());
            }
        }

        return null;
    }

    /// <summary>
    /// Stores zeros as the embeddings of the empty prompt, for a model that is trained from scratch without text encoders. Its
    /// decoders learn their meaning.
    /// </summary>
    /// <param name="tokens">The number of tokens of the context.</param>
    /// <exception cref="NexusGenException">The model has text encoders, or the file can't be written.</exception>
    public void StoreConstant(int tokens)
    {
        if (HasEncoders)
        {
            throw new NexusGenException(
                $"The model in {files.Paths.Root} has text encoders, so they compute its empty prompt, which is not a constant.");
        }

        using var scope = NewDisposeScope();
        FluxConfiguration sizes = files.Configuration.Flux;
        SafetensorsWriter.Write(
            files.Paths.EmptyPrompt,
            [("pooled", zeros(1, sizes.VecInDim)), ("context", zeros(1, tokens, sizes.ContextInDim))]);
    }

    private void StoreEmpty(PromptEmbeddings computed)
    {
        foreach (string path in Candidates())
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                SafetensorsWriter.Write(
                    path, [("pooled", computed.Pooled), ("context", computed.Context)],
                    new Dictionary<string, string> { [Identity] = IdentityOf(options) });
                return;
            }
            catch (Exception e) when (e is NexusGenException or IOException or UnauthorizedAccessException)
            {
                // Try the next location. If none is writable, the embeddings are computed again next time.
            }
        }
    }

    private IEnumerable<string> Candidates()
    {
        yield return files.Paths.EmptyPrompt;
        if (cacheFolder is not null)
        {
            string key = Convert.ToHexString(
                SHA256.HashData(Encoding.UTF8.GetBytes(files.Paths.Root + IdentityOf(options))))[..16];
            yield return Path.Combine(cacheFolder, $"empty-prompt-{key}.safetensors");
        }
    }

    // An unreadable file is ignored: the embeddings are computed and stored again.
    private static ITensorStore? Open(string path)
    {
        try
        {
            return File.Exists(path) ? TensorStore.Open(path) : null;
        }
        catch (WeightFileException)
        {
            return null;
        }
    }

    private static long Tokens(ITensorStore store) =>
        store.Entries.TryGetValue("context", out TensorEntry? entry) && entry.Shape is [_, var tokens, _]
            ? Math.Max(tokens, 1)
            : T5Tokens;

    private static bool Fits(ITensorStore store, string name, long[] shape) =>
        store.Entries.TryGetValue(name, out TensorEntry? entry) && entry.Shape.AsSpan().SequenceEqual(shape);

    // A different encoder, precision or storage format produces different embeddings.
    private string IdentityOf(LoadOptions loading)
    {
        static IEnumerable<string> Describe(string folder) => Directory.Exists(folder)
            ? new DirectoryInfo(folder).GetFiles()
                .Where(file => CheckpointNames.IsWeights(file.Name))
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{file.Name}:{file.Length}:{file.LastWriteTimeUtc.Ticks}"))
            : [];
        return string.Join(
            ';',
            [
                options.Placement.ToString(),
                loading.LinearFormat.Name,
                .. Describe(files.Paths.Clip),
                .. Describe(files.Paths.T5)
            ]);
    }

    private static Tensor Row(IEnumerable<int> ids) => tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0);
}
