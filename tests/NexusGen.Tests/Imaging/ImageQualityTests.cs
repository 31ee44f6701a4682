using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class ImageQualityTests
{
    [Fact]
    public void EqualPicturesAreAsNearAsCanBe()
    {
        RgbImage image = Pictures.Noise(20, 15);
        Assert.Equal(double.PositiveInfinity, ImageQuality.Psnr(image, image));
        Assert.Equal(1, ImageQuality.Ssim(image, image), 1e-12);
    }

    [Fact]
    public void PsnrOfOneLevelEverywhere()
    {
        RgbImage grey = Pictures.Of(8, 8, (_, _) => (100, 100, 100)), lighter = Pictures.Of(8, 8, (_, _) => (101, 101, 101));
        Assert.Equal(20 * Math.Log10(255), ImageQuality.Psnr(grey, lighter), 1e-9);
    }

    [Fact]
    public void SsimOfFlatPicturesIsTheTermOfBrightness()
    {
        RgbImage dark = Pictures.Of(12, 12, (_, _) => (50, 50, 50)), light = Pictures.Of(12, 12, (_, _) => (200, 200, 200));
        double c1 = 2.55 * 2.55;
        Assert.Equal(((2 * 50 * 200) + c1) / ((50 * 50) + (200 * 200) + c1), ImageQuality.Ssim(dark, light), 1e-9);
    }

    [Fact]
    public void SsimEqualsTheFormulaAtASingleWindow()
    {
        RgbImage a = Pictures.Noise(11, 11);
        RgbImage b = Pictures.Of(11, 11, (x, y) => ((a[x, y].Red + (x * 7)) % 256, a[x, y].Green / 2, 255 - a[x, y].Blue));
        double sum = 0;
        for (int colour = 0; colour < 3; colour++)
        {
            double weights = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
            for (int i = 0; i < 121; i++)
            {
                int x = (i % 11) - 5, y = (i / 11) - 5;
                double w = Math.Exp(-((x * x) + (y * y)) / 4.5), p = a.Pixels[(3 * i) + colour], q = b.Pixels[(3 * i) + colour];
                (weights, ma, mb) = (weights + w, ma + (w * p), mb + (w * q));
                (aa, bb, ab) = (aa + (w * p * p), bb + (w * q * q), ab + (w * p * q));
            }

            (ma, mb, aa, bb, ab) = (ma / weights, mb / weights, aa / weights, bb / weights, ab / weights);
            double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
            sum += ((2 * ma * mb) + c1) * ((2 * (ab - (ma * mb))) + c2)
                / (((ma * ma) + (mb * mb) + c1) * (aa - (ma * ma) + bb - (mb * mb) + c2));
        }

        Assert.Equal(sum / 3, ImageQuality.Ssim(a, b), 1e-9);
    }

    [Fact]
    public void DifferentOrTinyPicturesAreRefused()
    {
        Assert.Throws<ImagingException>(() => ImageQuality.Psnr(Pictures.Noise(4, 5), Pictures.Noise(5, 4)));
        Assert.Throws<ImagingException>(() => ImageQuality.Ssim(Pictures.Noise(10, 11), Pictures.Noise(10, 11)));
    }
}
