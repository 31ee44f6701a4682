using NexusGen.Core;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;

namespace NexusGen.Model;

/// <summary>
/// Checks the files of a model before anything is loaded: configurations, tokenizers, and of the weights the headers, the lengths
/// of the files, and the names and shapes of all tensors.
/// </summary>
internal static class ModelCheck
{
    /// <summary>Checks a model.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="elsewhere">The paths of components outside the folder, or null for none.</param>
    /// <returns>All parts, the missing ones too.</returns>
    public static IReadOnlyList<PartCheck> Run(string folder, ModelPathOverrides? elsewhere = null)
    {
        ModelFiles files;
        try
        {
            files = new ModelFiles(ModelPaths.Find(folder, elsewhere));
        }
        catch (Exception e) when (e is NexusGenException or IOException or UnauthorizedAccessException)
        {
            return [new PartCheck("configuration", folder, Directory.Exists(folder), e.Message, [], 0, NoTypes)];
        }

        using (files)
        {
            ModelPaths paths = files.Paths;
            return
            [
                Configuration(files),
                Part("language-model", paths.LanguageModelWeights, [Of(files.LanguageModelPart), Of(files.VisionPart)]),
                Part(
                    "generation-decoder", paths.GenerationDecoder,
                    [Of(files.FluxPart(paths.GenerationDecoder)), Of(files.AdapterPart)]),
                Part("editing-decoder", paths.EditingDecoder, [Of(files.FluxPart(paths.EditingDecoder)), Of(files.MergerPart)]),
                Part("autoencoder", paths.Autoencoder, [Of(files.AutoencoderEncoderPart), Of(files.AutoencoderDecoderPart)]),
                .. TextEncoders(files),
            ];
        }
    }

    private static IReadOnlyDictionary<string, long> NoTypes => new Dictionary<string, long>();

    private static Func<ITensorStore> Of<T>(ModelPart<T> part)
        where T : Module => () =>
        {
            CheckpointPart checkpoint = part.Checkpoint();
            checkpoint.Check(part.Build);
            return checkpoint.Store;
        };

    private static PartCheck Configuration(ModelFiles files)
    {
        string? problem = Try(() =>
        {
            _ = files.Tokenizer;
            _ = files.ImageProcessor;
        });
        return new PartCheck("configuration", files.Paths.LanguageModel, true, problem, [], 0, NoTypes);
    }

    // A model can have the embeddings of the empty prompt instead.
    private static IEnumerable<PartCheck> TextEncoders(ModelFiles files)
    {
        ModelPaths paths = files.Paths;
        bool none = !CheckpointNames.HasWeights(paths.Clip) && !CheckpointNames.HasWeights(paths.T5);
        if (none && File.Exists(paths.EmptyPrompt))
        {
            yield return Part("empty-prompt", paths.EmptyPrompt, [() => TensorStore.Open(paths.EmptyPrompt)]);
            yield break;
        }

        yield return TextEncoder("clip", paths.Clip, Of(files.ClipPart), () => _ = files.ClipTokenizer);
        yield return TextEncoder("t5", paths.T5, Of(files.T5Part), () => _ = files.T5Tokenizer);
    }

    private static PartCheck TextEncoder(string name, string folder, Func<ITensorStore> open, Action tokenizer) =>
        CheckpointNames.HasWeights(folder)
            ? Part(
                name, folder,
                [
                    () =>
                    {
                        tokenizer();
                        return open();
                    },
                ])
            : Missing(name, folder);

    private static PartCheck Part(string name, string path, IReadOnlyList<Func<ITensorStore>> opens)
    {
        if (!Path.Exists(path))
        {
            return Missing(name, path);
        }

        List<TensorEntry> entries = [];
        string? problem = Try(() =>
        {
            foreach (Func<ITensorStore> open in opens)
            {
                entries.AddRange(open().Entries.Values);
            }
        });
        TensorEntry[] distinct = [.. entries.Distinct()];
        string[] files = [.. distinct.Select(entry => entry.File).Distinct()];
        return new PartCheck(
            name, path, true, problem, files, files.Sum(Length),
            distinct.GroupBy(TensorTypes.NameOf).ToDictionary(type => type.Key, type => type.Sum(entry => entry.ByteLength)));
    }

    private static PartCheck Missing(string name, string path) =>
        new(name, path, false, $"{path} does not exist.", [], 0, NoTypes);

    private static long Length(string path) =>
        (new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? new FileInfo(path)).Length;

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is NexusGenException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
