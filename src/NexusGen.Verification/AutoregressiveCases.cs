using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>Cases of the language model: vision encoder, forward pass, positions, sampling.</summary>
internal static class AutoregressiveCases
{
    public static CaseOutput RopePositions(ReferenceCase reference, ReferenceModels models)
    {
        LanguageModelConfiguration c = models.Files(reference).LanguageModel;
        (Tensor positions, Tensor deltas) = RopeBatch.Of(
            reference.Tensor("input_ids"),
            reference.HasTensor("attention_mask") ? reference.Tensor("attention_mask") : null,
            Grids(reference, "image_grid_thw"),
            c);
        return new CaseOutput().Add("position_ids", positions).Add("rope_deltas", deltas);
    }

    public static CaseOutput See(ReferenceCase reference, ReferenceModels models)
    {
        RgbImage[] images = [.. reference.Value<string[]>("images").Select(reference.Image)];
        using ProcessedImages processed = models.Processor(reference).Process(images, resize: false);
        Tensor embeddings = models.VisionEncoder(reference).Forward(processed.PixelValues, processed.Grids);
        return new CaseOutput().Add("embeddings", embeddings.to(ScalarType.Float32, CPU));
    }

    public static CaseOutput Read(ReferenceCase reference, ReferenceModels models)
    {
        LanguageModel model = models.LanguageModel(reference);
        LanguageModelConfiguration c = model.Configuration;
        Device device = model.Placement.Device;
        Tensor ids = reference.Tensor("input_ids");
        Tensor mask = reference.HasTensor("attention_mask") ? reference.Tensor("attention_mask") : ones_like(ids);
        (Tensor positions, _) = RopeBatch.Of(ids, mask, Grids(reference, "image_grid_thw"), c);
        Tensor embedded = model.Embed(ids.to(device));
        if (reference.HasTensor("image_embeddings"))
        {
            Tensor places = ids.to(device).eq(Scalars.Of(c.ImageTokenId)).unsqueeze(-1).expand_as(embedded);
            embedded = embedded.masked_scatter(places, reference.Tensor("image_embeddings").to(embedded.dtype, device));
        }

        Tensor states = model.Forward(embedded, positions.to(device), mask.to(device));
        Tensor kept = mask.ne(Scalars.Of(0)).to(device);
        Tensor logits = model.Logits(states).to(ScalarType.Float32);
        Tensor last = Arithmetic.Range(ids.shape[1], device: device)
            .mul(mask.ne(Scalars.Of(0)).to(ScalarType.Int64, device)).argmax(1);
        return new CaseOutput()
            .Add("last_logits", logits.gather(1, last.view(-1, 1, 1).expand(-1, 1, logits.shape[2])).squeeze(1).cpu())
            .Add("logits_norm", (logits.Squared().sum([-1L]).sqrt() * kept).cpu())
            .Add("image_embeddings", (model.ImageEmbeddings(states).to(ScalarType.Float32) * kept.unsqueeze(-1)).cpu());
    }

    public static CaseOutput Sample(ReferenceCase reference, ReferenceModels models)
    {
        var options = new SamplingOptions
        {
            Temperature = reference.Value("temperature", 1.0),
            TopK = reference.Value("top_k", 0),
            TopP = reference.Value("top_p", 1.0),
            RepetitionPenalty = reference.Value("repetition_penalty", 1.0),
        };
        return new CaseOutput().Add(
            "probabilities", TokenSampler.Probabilities(reference.Tensor("logits"), reference.Tensor("previous_ids"), options));
    }

    /// <summary>Creates a tensor of tokens, [count].</summary>
    public static Tensor Ids(IEnumerable<int> ids) => tensor(ids.Select(id => (long)id).ToArray());

    private static GridThw[] Grids(ReferenceCase reference, string name)
    {
        if (!reference.HasTensor(name))
        {
            return [];
        }

        long[] sides = reference.Tensor(name).data<long>().ToArray();
        return [.. sides.Chunk(3).Select(grid => new GridThw(grid[0], grid[1], grid[2]))];
    }
}
